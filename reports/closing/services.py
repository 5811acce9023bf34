"""What a person does with a period: close it, accept it, have a year frozen, open it again."""

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, Subquery

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.jobs import create_job
from core.periods import Period
from journal.services import notify
from people.access import SYSTEM
from people.reads import title_of, users_with_roles
from reports.closing.access import ACCEPTERS, CLOSERS, may_accept, may_close, may_override, may_reopen
from reports.closing.reads import (
    above_of,
    alive,
    boundaries_of,
    branch_figures,
    expected_in,
    live_tables,
    missing_below,
    thing_of,
)
from reports.closing.rules import check_closable, check_kind, check_move, check_whole
from reports.enums import LIVE_CLOSURES, ClosureState
from reports.figures import live_figures
from reports.frozen import dump
from reports.models import FrozenFigures, FrozenTable, PeriodClosure
from reports.reach import NOW, THEN
from units.enums import Level
from units.models import Unit, UnitLineage

WORDS = {
    ClosureState.ACCEPTED: "Cấp trên đã nhận số liệu {period} của {unit}.",
    ClosureState.REOPENED: "Số liệu {period} của {unit} được mở lại: {reason}",
}


def freeze_rows(closure):
    """The figures and tables of the closure, in place of any that a broken run left. The caller has a transaction."""
    figures, tables = _figures(closure), _tables(closure)
    FrozenFigures.objects.filter(closure=closure).delete()
    FrozenTable.objects.filter(closure=closure).delete()
    FrozenFigures.objects.bulk_create(figures, batch_size=500)
    FrozenTable.objects.bulk_create(tables, batch_size=100)


def _figures(closure):
    rows = [FrozenFigures(closure=closure, unit_id=pk, boundaries=THEN, values=words)
            for pk, words in branch_figures(closure, closure.as_of).items()]  # fmt: skip
    if NOW in boundaries_of(closure):
        words = live_figures(closure.unit, Period.parse(closure.period), NOW, closure.as_of)
        rows.append(FrozenFigures(closure=closure, unit_id=closure.unit_id, boundaries=NOW, values=words))
    return rows


def _tables(closure):
    return [
        FrozenTable(closure=closure, code=code, boundaries=boundaries, content=dump(table))
        for code, boundaries, table in live_tables(closure, closure.as_of)
    ]


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


STALE = "Kỳ này vừa được người khác xử lý. Xem lại trạng thái mới nhất rồi làm tiếp."
SERVER = "Quản trị máy chủ"


@transaction.atomic
def close_period(unit, period, *, actor, today, now, reason="", request_id=None):
    """Close the figures of a period; closed already, it is the same closure. Nothing counted there changes any more.

    A month or a quarter is frozen at once, a year by `freeze_year`. `reason`: why the province closes it although
    units below have not. The server's own command closes any kind of period.
    """
    key = f"{actor.pk}:{request_id}"[:64] if request_id else None
    replayed = PeriodClosure.objects.filter(request_id=key).first() if key else None
    if replayed:
        return replayed
    thing = thing_of(unit, period)
    if not may_close(actor, thing):
        raise NotAllowed("Đồng chí không có quyền khóa số liệu của đơn vị này.")
    if actor is not SYSTEM:
        check_kind(unit.level, period.kind)
    check_closable(period, today)
    _lock_expected(unit, period)
    closure = alive(unit, period)
    if closure:
        return closure
    missing = missing_below(unit, period)
    check_whole(missing, reason or (SERVER if actor is SYSTEM else ""), may_override(actor, thing))
    closure, is_new = _create(unit, period, thing, actor, today, now, key, reason if missing else "")
    if is_new:
        _settle(closure, missing, actor, today)
    return closure


def _lock_expected(unit, period):
    """Whoever saves a meeting or another fact there meanwhile is waited for, or waits; in one order for everybody."""
    list(expected_in(unit, period).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    below = UnitLineage.objects.filter(ancestor=unit).values("unit_id")
    list(Unit.objects.filter(pk__in=below).select_for_update(no_key=True).order_by("pk").values_list("pk"))


def _create(unit, period, thing, actor, today, now, key, reason):
    """(the new row, True), or (the one that somebody else made at the same moment, False)."""
    closure = PeriodClosure(
        unit=unit,
        level=unit.level,
        province_id=thing.province_id,
        district_id=thing.district_id,
        commune_id=thing.commune_id,
        period=period.code,
        first_on=period.first,
        last_on=period.last,
        as_of=today,
        closed_at=now,
        closed_by_id=actor.pk,
        closed_by_name=_name(actor, today),
        reason=reason,
        request_id=key,
    )
    try:
        with transaction.atomic():
            closure.save(force_insert=True)
    except IntegrityError:
        return alive(unit, period), False
    return closure, True


def _settle(closure, missing, actor, today):
    stamp(closure)
    period = Period.parse(closure.period)
    if period.kind != "year":
        freeze_rows(closure)
    after = {"period": closure.period, "as_of": str(today), "reason": closure.reason}
    record(actor.pk, "closure.close", closure, after=after | {"unclosed": sum(len(names) for _, names in missing)})
    tell_above(closure, today)


def stamp(closure):
    """Bring in line the day on which each expected meeting of the branch was closed, if it still is."""
    holds = Q(unit=OuterRef("commune_id")) | Q(unit=OuterRef("district_id")) | Q(unit=OuterRef("province_id"))
    closed = PeriodClosure.objects.filter(
        holds, state__in=LIVE_CLOSURES, first_on__lte=OuterRef("starts_on"), last_on__gte=OuterRef("ends_on")
    )
    rows = expected_in(closure.unit, Period.parse(closure.period)).order_by()
    rows.update(closed_on=Subquery(closed.order_by("as_of").values("as_of")[:1]))


@transaction.atomic
def request_freeze(unit, period, *, actor, today, now, reason="", request_id=None):
    """Close a year and queue its freezing: (closure, job). A job that failed is queued anew by asking again."""
    if period.kind != "year":
        raise DomainError("Chỉ chốt số liệu theo năm. Chọn lại kỳ.", "ky")
    closure = close_period(unit, period, actor=actor, today=today, now=now, reason=reason, request_id=request_id)
    job = create_job(
        kind="freeze_year",
        title=f"Chốt số liệu {period.label_inside} – {unit.name}",
        params={"closure_id": closure.pk},
        owner_id=actor.pk,
        request_id=request_id,
    )
    return closure, job


@transaction.atomic
def accept_closure(closure_id, *, actor, version, today, now):
    """The level above takes over the figures of a month or quarter."""
    closure = _locked(closure_id, actor, may_accept, version)
    _move(closure, ClosureState.ACCEPTED)
    closure.accepted_at, closure.accepted_by_id, closure.accepted_by_name = now, actor.pk, _name(actor, today)
    _save(closure, actor, "closure.accept", ClosureState.CLOSED, "accepted_at", "accepted_by_id", "accepted_by_name")
    tell_unit(closure, today)
    return closure


@transaction.atomic
def reopen_closure(closure_id, *, actor, version, reason, today, now):
    """Open a period again (sent back, or corrected): its meetings may be changed, its frozen figures stay as history.

    What holds it above, a closed quarter or a frozen year, is opened first.
    """
    reason = " ".join(reason.split())[:500]
    found = PeriodClosure.objects.select_related("unit").get(pk=closure_id)
    _lock_expected(found.unit, Period.parse(found.period))
    closure = _locked(closure_id, actor, may_reopen, version)
    before = closure.state
    _move(closure, ClosureState.REOPENED, reason)
    above = above_of(closure).first()
    if above:
        label = Period.parse(above.period).label_inside
        raise DomainError(f"{above.unit.name} đã khóa số liệu {label}. Đề nghị mở lại kỳ đó trước.")
    closure.reopened_at, closure.reopened_by_name, closure.reason = now, _name(actor, today), reason
    _save(closure, actor, "closure.reopen", before, "reopened_at", "reopened_by_name", "reason")
    stamp(closure)
    tell_unit(closure, today)
    return closure


def _locked(closure_id, actor, may, version):
    closure = PeriodClosure.objects.select_for_update(of=("self",)).select_related("unit").get(pk=closure_id)
    if not may(actor, closure):
        raise NotAllowed("Đồng chí không có quyền thực hiện việc này với kỳ đã khóa.")
    if version is not None and version != closure.version:
        raise Conflict(STALE)
    return closure


def _move(closure, state, reason=""):
    """The one door of a closure's state."""
    check_move(closure.state, state, Period.parse(closure.period).kind, reason)
    closure.state = state


def _save(closure, actor, verb, before, *fields):
    closure.version += 1
    closure.save(update_fields=["state", "version", *fields])
    after = {"state": closure.state, "period": closure.period}
    after |= {"reason": closure.reason} if "reason" in fields else {}
    record(actor.pk, verb, closure, {"state": before}, after)


def _name(actor, today):
    return SERVER if actor is SYSTEM else title_of(actor, today)[:200]
