"""Pages about delegates: who was away several times running, turns and persons of a year."""

from datetime import date

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from core.display import group_digits, percent_of
from core.errors import DomainError, NotAllowed
from core.forms import GuidedForm, LeanSelect
from core.models import Job
from core.routing import act, page
from meetings.access import may_log
from meetings.delegates.invitations import (
    JOB,
    check_can_invite,
    invitation_rows,
    is_mail_ready,
    queue_invitations,
    revision_now,
    slips_of,
)
from meetings.delegates.reads import (
    SHORTEST,
    delegates_by_commune,
    heads_of_year,
    people_of_year,
    repeated_absences,
    totals_of,
)
from meetings.enums import HEAD_WORDS
from meetings.lists import FIRST_YEAR, addresses
from meetings.models import Meeting
from meetings.views import trail_of_meeting, trail_to
from people.access import may_manage_posts, may_read_phone
from people.enums import VILLAGE_POSITIONS, Position
from units.enums import Level
from units.models import Unit
from units.reads import places_on

READERS = ("commune", "commune_leader", "district", "leader", "specialist", "province", "province_leader")
SHORT = {Position.FRONT_BOARD_HEAD: "Trưởng ban CTMT"}
LENGTHS = [(number, f"Từ {number} kỳ liền") for number in (2, 3, 4, 6)]


class CommuneFilter(GuidedForm):
    """A commune of the branch; `fields` are added by the page."""

    def __init__(self, data, *, user, today, **fields):
        super().__init__(data)
        units = Unit.objects.visible_to(user).filter(level=Level.COMMUNE)
        word = data.get("don-vi", "")
        wanted = units.on(today) | units.filter(key=word) if word else units.on(today)
        self.units = {unit.key: unit for unit in wanted.order_by("code").distinct()}
        choices = [("", "Tất cả"), *((key, unit.name) for key, unit in self.units.items())]
        self.fields["don-vi"] = forms.ChoiceField(
            label="Xã, phường", required=False, choices=choices, widget=LeanSelect(attrs={"data-picker": ""})
        )
        self.fields |= fields
        self.commune = self.units.get(self.cleaned_data.get("don-vi")) if self.is_valid() else None

    def chosen(self, name, default):
        return int(self.cleaned_data.get(name) or default)


@page(roles=READERS)
def absence_list(request):
    """Who was away from the last two meetings or more; the offer stands beside each name."""
    today = timezone.localdate()
    length = forms.ChoiceField(label="Vắng", required=False, choices=LENGTHS, initial=SHORTEST)
    form = CommuneFilter(request.GET, user=request.user, today=today, tu=length)
    found = []
    if form.is_valid():
        found = repeated_absences(request.user, today, form.chosen("tu", SHORTEST), form.commune)
    context = {
        "form": form,
        "rows": _absence_rows(request.user, found, today),
        "total": len(found),
        "several_communes": len(form.units) > 1,
        "trail": trail_to("Vắng nhiều kỳ liền"),
    }
    return render(request, "meetings/absence_list.html", context)


def _absence_rows(user, found, today):
    places = places_on({post.unit_id for row in found for post in row.posts}, today)
    url_of = addresses("post_hand_over")
    for row in found:
        may_call = any(may_read_phone(user, post.unit_id, places.get(post.unit_id)) for post in row.posts)
        yield {
            "absence": row,
            "phone": row.person.phone if may_call else "",
            "posts": [
                {
                    "label": f"{post.label} – {post.unit.name}",
                    "url": url_of(post.pk)
                    if not post.role and may_manage_posts(user, places.get(post.unit_id))
                    else "",
                }
                for post in row.posts
            ],
        }


class YearFilter(GuidedForm):
    def __init__(self, data, *, today):
        super().__init__(data)
        years = [(str(year), f"Năm {year}") for year in range(today.year, FIRST_YEAR - 1, -1)]
        self.fields["nam"] = forms.ChoiceField(label="Năm", required=False, choices=years, widget=LeanSelect)


@page(roles=READERS)
def chair_year(request):
    """Who chaired in person, and how often each head was away, unit by unit."""
    today = timezone.localdate()
    form = YearFilter(request.GET, today=today)
    year = int(form.cleaned_data.get("nam") or today.year) if form.is_valid() else today.year
    rows = heads_of_year(request.user, year, min(today, date(year, 12, 31))) if form.is_valid() else []
    context = {"form": form, "year": year, "rows": rows, "total": len(rows), "trail": trail_to(f"Chủ trì năm {year}")}
    context["words"] = HEAD_WORDS.values()
    return render(request, "meetings/chair_year.html", context)


@page(roles=READERS)
def delegate_year(request):
    """Turns and distinct persons of a year, persons and the posts they fill, commune by commune."""
    today = timezone.localdate()
    years = [(str(year), f"Năm {year}") for year in range(today.year, FIRST_YEAR - 1, -1)]
    chosen = forms.ChoiceField(label="Năm", required=False, choices=years, widget=LeanSelect)
    form = CommuneFilter(request.GET, user=request.user, today=today, nam=chosen)
    year, rows = today.year, []
    if form.is_valid():
        year = form.chosen("nam", today.year)
        rows = delegates_by_commune(request.user, year, form.commune)
    one = rows[0] if len(rows) == 1 else None
    people = people_of_year(request.user, year, one.unit_id) if one else []
    if one and request.GET.get("muc") == "da-du":
        people = [row for row in people if row["present"]]
    total = totals_of(rows)
    context = {
        "form": form,
        "year": year,
        "rows": [_delegate_row(row, year) for row in rows],
        "sums": _delegate_row(total, year),
        "turns_note": f"gồm {group_digits(total.substitutes)} dự thay, {group_digits(total.guests)} khách mời",
        "is_counted": bool(total.counted),
        "is_named": bool(total.turns),
        "one": one,
        "people": people,
        "total": len(people) if one else len(rows),
        "trail": trail_to(f"Đại biểu năm {year}"),
    }
    return render(request, "meetings/delegate_year.html", context)


def _delegate_row(row, year):
    """Figures with the lists behind them."""
    here = f"?don-vi={row.key}&nam={year}"
    return {
        "row": row,
        "meetings_url": f"{reverse('meeting_list')}?don-vi={row.key}&ky={year}&cap={Level.COMMUNE}",
        "called_url": here,
        "people_url": f"{here}&muc=da-du",
        "posts": [
            {
                "label": SHORT.get(position, position.label),
                "called": called,
                "present": present,
                "share": percent_of(present, called, 0),
            }
            for position, (called, present) in zip(VILLAGE_POSITIONS, row.shares, strict=True)
        ],
    }


KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist")


def _meeting(request, pk):
    return get_object_or_404(Meeting.objects.visible_to(request.user).select_related("unit"), pk=pk)


@page(roles=KEEPERS)
def invitation_list(request, pk):
    meeting, today = _meeting(request, pk), timezone.localdate()
    if not may_log(request.user, meeting):
        raise NotAllowed("Chỉ đơn vị triệu tập hội nghị xem và gửi giấy mời.")
    rows = invitation_rows(meeting) if meeting.planned_on else []
    reached = [row for row in rows if row["address"]]
    context = {"trail": trail_of_meeting(meeting, "Giấy mời qua thư"), "meeting": meeting, "rows": rows}
    context |= {"total": len(rows), "reached": len(reached), "unreached": len(rows) - len(reached)}
    context |= {"is_ready": is_mail_ready(), "refusal": _refusal(meeting, today), "revision": revision_now(meeting)}
    context["job"] = Job.objects.filter(kind=JOB, owner_id=request.user.pk, params__meeting_id=pk).first()
    return render(request, "meetings/invitation_list.html", context)


@page(roles=KEEPERS)
def invitation_slips(request, pk):
    """A slip on paper for each of those who have no address."""
    meeting = _meeting(request, pk)
    if not may_log(request.user, meeting):
        raise NotAllowed("Chỉ đơn vị triệu tập hội nghị xem và in giấy mời.")
    context = slips_of(meeting)
    context |= {"meeting": meeting, "total": len(context["people"])}
    return render(request, "meetings/invitation_slips.html", context)


def _refusal(meeting, today):
    """Why nothing can be sent now; '' when it can."""
    try:
        check_can_invite(meeting, today)
    except DomainError as refusal:
        return refusal.message
    return ""


@act(roles=KEEPERS)
def invitation_send(request, pk):
    job = queue_invitations(_meeting(request, pk).pk, actor=request.user, now=timezone.now())
    if job:
        messages.success(request, "Đã nhận việc gửi giấy mời; thư được gửi dần trong ít phút.")
    else:
        messages.info(request, "Mọi người có địa chỉ thư đã được gửi giấy mời này; không gửi lại.")
    return redirect("invitation_list", pk)
