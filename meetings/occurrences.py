"""What the held meetings make of their expected meeting."""

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Now

from meetings.closed import check_open
from meetings.enums import CADENCE_KINDS, MeetingForm
from meetings.models import Exemption, Meeting, Occurrence
from meetings.rounds import coverages

DERIVED = ("begun_on", "met_on", "is_exempt", "is_exempt_late", "is_incomplete")


@transaction.atomic
def refresh_occurrence(occurrence):
    """Recompute begun, held, the exemption and the incomplete end; call it in the saving transaction.

    Begun on the first day of a held meeting that satisfies the cadence, its own or a joint one; held on the day the
    last unit below was reached. Once begun, an exemption no longer counts; once held, neither does an incomplete end.
    When the meeting is cancelled again, what was granted counts again; requests that are settled by it are closed.
    A closed one that would change by it refuses the whole act.
    """
    row = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=occurrence.pk)
    before = [getattr(row, name) for name in DERIVED]
    coverage = coverages([row]).get(row.pk)
    row.begun_on, row.met_on = (coverage.begun_on, coverage.held_on) if coverage else (None, None)
    granted = set(row.exemptions.filter(is_granted=True).values_list("is_partial", "is_late"))
    excused = {is_late for is_partial, is_late in granted if not is_partial}
    row.is_exempt = row.begun_on is None and bool(excused)
    row.is_exempt_late = row.is_exempt and False not in excused
    row.is_incomplete = row.begun_on is not None and row.met_on is None and any(partial for partial, _ in granted)
    if [getattr(row, name) for name in DERIVED] != before:
        check_open([row])
    row.save(update_fields=DERIVED)
    if row.begun_on:
        settled = Q() if row.met_on else Q(is_partial=False)
        row.exemptions.filter(settled, is_granted=None).update(
            is_granted=False, decided_at=Now(), decision_note="Hội nghị đã họp nên không cần miễn."
        )
    for name in DERIVED:
        setattr(occurrence, name, getattr(row, name))
    return occurrence


def refresh_occurrences(ids):
    """The same for many, in a fixed number of statements; only those not held in a hall are looked at one by one."""
    joint = Meeting.joint_occurrences.through.objects.filter(
        meeting=OuterRef("pk"), occurrence=OuterRef(OuterRef("pk"))
    )
    held = Meeting.objects.filter(Q(occurrence=OuterRef("pk")) | Exists(joint), kind__in=CADENCE_KINDS).held()
    first = Subquery(held.order_by("held_on").values("held_on")[:1])
    rows, granted = Occurrence.objects.filter(pk__in=ids), Exemption.objects.filter(is_granted=True, is_partial=False)
    rows.update(begun_on=first, met_on=first, is_incomplete=False)
    excused = rows.filter(begun_on=None).filter(Exists(granted.filter(occurrence=OuterRef("pk"))))
    rows.filter(begun_on__isnull=False).update(is_exempt=False, is_exempt_late=False)
    in_time = Exists(granted.filter(occurrence=OuterRef("pk"), is_late=False))
    excused.update(is_exempt=True, is_exempt_late=Case(When(in_time, then=Value(False)), default=Value(True)))
    pending = Exemption.objects.filter(occurrence=OuterRef("pk"), is_granted=None)
    for occurrence in rows.filter(Exists(held.exclude(form=MeetingForm.HALL)) | Exists(pending)):
        refresh_occurrence(occurrence)
