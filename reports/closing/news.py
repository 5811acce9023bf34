"""Who hears of a closed, accepted or reopened period."""

from core.periods import Period
from journal.services import notify
from people.selectors import users_with_roles
from reports.closing.access import ACCEPTERS, CLOSERS
from reports.enums import ClosureState
from units.enums import Level

WORDS = {
    ClosureState.ACCEPTED: "Cấp trên đã nhận số liệu {period} của {unit}.",
    ClosureState.REOPENED: "Số liệu {period} của {unit} được mở lại: {reason}",
}


def tell_above(closure, today):
    """The nearest level above that has somebody to accept; of a year, nobody."""
    above = {Level.COMMUNE: (Level.DISTRICT, Level.PROVINCE), Level.DISTRICT: (Level.PROVINCE,)}
    for level in above.get(closure.level, ()):
        unit_id = getattr(closure, f"{level}_id")
        users = users_with_roles([unit_id], ACCEPTERS[level], today)[unit_id] if unit_id else ()
        if users:
            words = f"{closure.unit.name} đã khóa số liệu {_period(closure)}; đề nghị xem và nhận."
            notify(users, key=f"closure:{closure.pk}:closed", text=words, url=closure.get_absolute_url())
            return


def tell_unit(closure, today):
    """Those who closed it: accepted, or to be corrected and why."""
    users = users_with_roles([closure.unit_id], CLOSERS.get(closure.level, ()), today)[closure.unit_id]
    words = WORDS[closure.state].format(period=_period(closure), unit=closure.unit.name, reason=closure.reason)
    key = f"closure:{closure.pk}:{closure.state}"
    notify(users, key=key, text=words, url=closure.get_absolute_url())


def _period(closure):
    return Period.parse(closure.period).label_inside
