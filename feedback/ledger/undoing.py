"""Taking one import back as a whole, as long as nobody has worked on what it brought."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core.activity import record
from core.display import group_digits
from core.errors import DomainError
from feedback import tallies as opinion_tallies
from feedback.enums import LedgerState
from feedback.ledger.applying import SOURCE
from feedback.models import LedgerImport, Opinion, OpinionMove
from meetings import tallies as meeting_tallies
from meetings.cadence.reads import refresh_occurrences
from meetings.closed import closed_spans
from meetings.enums import MeetingStatus
from meetings.models import CountedAttendance, Meeting, Occurrence

TOUCHED = (
    "Không thu hồi được: {}. Chỉ thu hồi khi chưa ai làm tiếp trên dữ liệu đã nhập; nay hãy sửa từng mục có sai sót."
)
NAMED = 10
OWN = {(Opinion, "meeting"), (OpinionMove, "opinion"), (CountedAttendance, "meeting")}


@transaction.atomic
def undo_ledger(item_id, *, actor, now):
    """Remove the meetings, opinions, attendance and expected meetings of one import; tallies follow, one log line.

    Refused when anything of it has been changed, moved on or built upon. Undone twice, it is undone once.
    """
    item = LedgerImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item_id)
    if item.state == LedgerState.UNDONE:
        return item
    if item.state not in (LedgerState.APPLIED, LedgerState.UNDOING):
        raise DomainError("Chỉ thu hồi được lần nhập đã ghi. Xem lại số của lần nhập.")
    meetings = Meeting.objects.filter(source_key__startswith=item.prefix)
    opinions = Opinion.objects.filter(source_key__startswith=item.prefix)
    units, years = _lock(meetings, opinions)
    _check_open(meetings, units)
    _check_untouched(meetings, opinions)
    counts = {"meetings": meetings.count(), "opinions": opinions.count()}
    met = set(meetings.exclude(occurrence=None).values_list("occurrence_id", flat=True))
    OpinionMove.objects.filter(opinion__in=opinions).delete()
    opinions.delete()
    meetings.delete()
    refresh_occurrences(met)
    _unplan(item)
    meeting_tallies.recount_units(units, years)
    opinion_tallies.recount_units(units, years)
    item.state, item.undone_at, item.planned, item.message = LedgerState.UNDONE, now, [], ""
    item.save(update_fields=["state", "undone_at", "planned", "message"])
    record(actor.pk, "ledger.undo", item, before=counts)
    return item


def _lock(meetings, opinions):
    """(unit ids, years) that the rows count in, locked in the order of a saving."""
    rows = list(meetings.select_for_update(of=("self",)).order_by("pk").values_list("unit_id", "year", "occurrence_id"))
    list(opinions.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    about = opinions.order_by().values_list("commune_id", "district_id", "province_id").distinct()
    units = {unit for unit, *_ in rows} | {commune or district or province for commune, district, province in about}
    occurrences = Occurrence.objects.filter(pk__in={row[2] for row in rows})
    list(occurrences.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    meeting_tallies.lock_units(units)
    return units, {year for _, year, _ in rows}


def _check_open(meetings, units):
    """Nothing is taken out of a period whose figures are closed; the rows are named."""
    spans = closed_spans(units)
    rows = meetings.order_by("pk").values_list("source_key", "unit_id", "period_last")
    closed = [key for key, unit, day in rows if any(first <= day <= last for first, last, _ in spans.get(unit, ()))]
    if closed:
        lines = ", ".join(key.rpartition("h")[2] for key in closed[:NAMED])
        more = f" và {group_digits(len(closed) - NAMED)} dòng nữa" if len(closed) > NAMED else ""
        raise DomainError(
            f"Không thu hồi được: dòng {lines}{more} (hội nghị) nằm trong kỳ đã khóa số liệu. Đề nghị mở lại kỳ trước."
        )


def _check_untouched(meetings, opinions):
    changed = meetings.exclude(version=1) | meetings.exclude(status__in=(MeetingStatus.LOCKED, MeetingStatus.HELD))
    for rows, words in (
        (changed, "hội nghị đã được sửa"),
        (_worked_on(opinions), "ý kiến đã được sửa hoặc xử lý tiếp"),
        (Opinion.objects.filter(meeting__in=meetings).exclude(pk__in=opinions), "ý kiến ghi thêm sau khi nhập"),
    ):
        if number := rows.count():
            raise DomainError(TOUCHED.format(f"có {group_digits(number)} {words}"))
    for rows, words in ((meetings, "hội nghị"), (opinions, "ý kiến")):
        if thing := _built_upon(rows):
            raise DomainError(TOUCHED.format(f"{words} đã nhập có {thing} kèm theo"))


def _worked_on(opinions):
    """Those that a person touched; the steps of the clock (handed over to an heir, shown above) hinder nothing."""
    steps = OpinionMove.objects.filter(opinion=OuterRef("pk"))
    by_person, by_clock = steps.exclude(actor_id=None), steps.exclude(actor_name=SOURCE)
    return opinions.filter(Exists(by_person) | (~Q(version=1) & ~Exists(by_clock)))


def _built_upon(rows):
    """The name of a kind of rows, of any floor, that refer to these and were not imported with them; "" if none."""
    for relation in rows.model._meta.get_fields(include_hidden=True):
        if relation.auto_created and not relation.concrete and relation.field.model is not None:
            model, name = relation.related_model, relation.field.name
            known = relation.many_to_many or (model, name) in OWN
            if not known and model._base_manager.filter(**{f"{name}__in": rows.values("pk")}).exists():
                return str(model._meta.verbose_name)
    return ""


def _unplan(item):
    """Expected meetings that were made for this import go, unless something else has come to rest on them."""
    rows = Occurrence.objects.filter(pk__in=item.planned, begun_on=None, is_exempt=False)
    used = set(Meeting.objects.filter(occurrence__in=rows).values_list("occurrence_id", flat=True))
    used |= set(rows.exclude(exemptions=None).values_list("pk", flat=True))
    used |= set(rows.exclude(joint_meetings=None).values_list("pk", flat=True))
    rows.exclude(pk__in=used).delete()
