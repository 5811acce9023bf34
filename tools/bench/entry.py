"""The entry page of a meeting, 30 seats and 7 opinions: opening and saving it against Django's own means."""

from datetime import timedelta

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from feedback.models import Opinion, OpinionMove, Topic
from meetings.models import Attendance, AttendancePost, Meeting
from meetings.services.attendance import roster_on
from people.enums import Role
from proceedings.entry import EntryPage
from proceedings.forms import OpinionRows
from tools.bench.measure import BenchLine, compare, recorded
from tools.bench.sums import undone
from tools.bench.world import DRAFT_ROWS

SEAT_FIELDS = {
    "presence": lambda: forms.ChoiceField(choices=[("present", "Có mặt"), ("excused", "Vắng có lý do")]),
    "reason": lambda: forms.CharField(required=False),
    "substitute": lambda: forms.CharField(required=False),
}


def address_of(world):
    return reverse("meeting_log", args=[world.meeting.pk])


def opening(world, goal, count):
    """The whole page against an empty page and formsets of the same rows as Django renders them."""
    seats = len(roster_on(world.commune, world.today))
    choices = EntryPage(world.meeting, world.users[Role.COMMUNE], world.today).rows.form_kwargs
    seat_rows = forms.formset_factory(_seat_form(), extra=seats)

    def limit():
        world.get(Role.COMMUNE, reverse("password_change"))
        seat_rows().as_p()
        rows = OpinionRows(prefix="opinions", form_kwargs=choices)
        rows.extra = DRAFT_ROWS
        for row in rows:
            _with_djangos_selects(row)
        rows.as_p()

    def ours():
        world.get(Role.COMMUNE, address_of(world))

    return compare(f"10 mở trang ghi ({seats} + {DRAFT_ROWS}) / trang trống + formset", ours, limit, goal, count)


def _with_djangos_selects(form):
    for field in form.fields.values():
        if isinstance(field, forms.ChoiceField):
            field.widget = forms.Select(field.widget.attrs, field.choices)


def _seat_form():
    return type("SeatRow", (forms.Form,), {field: make() for field, make in SEAT_FIELDS.items()})


def typed(world, rows):
    """What the browser sends: everybody present and some opinions."""
    topic = Topic.objects.order_by("pk").first()
    day = world.today - timedelta(1)
    data = {
        "title": world.meeting.title, "held_on": f"{day:%d/%m/%Y}", "started_at": "07:30", "ended_at": "11:00",
        "form": "hall", "attendance_mode": "roster", "version": world.meeting.version,
        "opinions-TOTAL_FORMS": rows, "opinions-INITIAL_FORMS": 0,
    }  # fmt: skip
    data |= {f"seat-{seat.person_id}": "present" for seat in roster_on(world.commune, day)}
    row = {"kind": "petition", "topic": topic.pk, "competence": "commune", "channel": "oral", "visibility": "normal"}
    for number in range(rows):
        own = row | {"text": f"Đề nghị sửa đường liên thôn đoạn {number}"}
        data |= {f"opinions-{number}-{name}": value for name, value in own.items()}
    return data


def post(world, rows=DRAFT_ROWS):
    def run():
        answer = world.browsers[Role.COMMUNE].post(address_of(world), typed(world, rows))
        if answer.status_code != 302:
            raise RuntimeError(f"Trang ghi trả lời {answer.status_code}")

    return undone(run)


def saving(world, goal, count):
    """The act against an empty page, the validation of the same form, and bare bulk inserts of the same rows."""
    data = typed(world, DRAFT_ROWS)
    roster = roster_on(world.commune, world.today)
    template = Opinion.objects.order_by("pk").first()

    def bulk():
        Meeting.objects.filter(pk=world.meeting.pk).update(status="held", held_on=world.today)
        seats = [Attendance(meeting=world.meeting, person_id=seat.person_id, name=seat.name) for seat in roster]
        Attendance.objects.bulk_create(seats)
        posts = zip(seats, (post_id for seat in roster for post_id in seat.post_ids), strict=False)
        AttendancePost.objects.bulk_create([AttendancePost(attendance=seat, post_id=pk) for seat, pk in posts])
        rows = [_copy(template, number) for number in range(DRAFT_ROWS)]
        Opinion.objects.bulk_create(rows)
        now = timezone.now()
        OpinionMove.objects.bulk_create(
            [OpinionMove(opinion=row, verb="record", after="recorded", at=now) for row in rows]
        )

    def limit():
        world.get(Role.COMMUNE, reverse("password_change"))
        EntryPage(world.meeting, world.users[Role.COMMUNE], world.today, _query(data)).is_valid()
        undone(bulk)()

    return compare("9 lưu hội nghị / trang trống + kiểm tra + bulk", post(world), limit, goal, count)


def _copy(opinion, number):
    values = {field.attname: getattr(opinion, field.attname) for field in Opinion._meta.concrete_fields}
    return Opinion(**values | {"id": None, "number": number})


def _query(data):
    query = QueryDict(mutable=True)
    query.update({name: str(value) for name, value in data.items()})
    return query


def saving_statements(world):
    """Seven opinions take as many statements as three."""
    found = []
    for rows in (3, DRAFT_ROWS):
        with recorded() as recording:
            post(world, rows)()
        found.append(recording.count)
    few, many = found
    return BenchLine(f"9 số câu lệnh khi lưu 3 / {DRAFT_ROWS} ý kiến", str(few), str(many), "", "=", few == many)
