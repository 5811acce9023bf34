"""The agenda that builds itself, written into the meeting with one button; questions that came back from below."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.paging import keyset_page
from core.routing import act, form_page, page
from feedback.access import may_change_item, works_at
from feedback.enums import BasketState, OpinionKind, Visibility
from feedback.models import BasketItem
from feedback.page.views import STAFF_ROLES
from meetings.access import may_charge, may_plan
from meetings.enums import MeetingStatus
from meetings.models import Announcement, Relay
from meetings.reads import upcoming_meetings
from meetings.services.life import write_agenda
from meetings.views import trail_of_meeting, trail_to, version_of
from proceedings.preparation.agenda import agenda_text, build_agenda
from proceedings.preparation.basket import (
    BasketForm,
    BasketItemForm,
    basket_groups,
    basket_units,
    finished_items,
    places_of,
)
from proceedings.preparation.readback import by_place, may_read_back, progress_of, read_back_rows
from proceedings.preparation.services import edit_item, put_in, put_in_many, withdraw_item
from proceedings.preparation.services import read_back as write_read_back
from proceedings.preparation.speakers import PLACES, speaking_of
from proceedings.views import HOSTS, visible_meeting
from units.enums import Level
from units.models import Unit
from units.reads import heir_of
from units.scoping import CONTENT_ROLES


@page()
def meeting_agenda(request, pk):
    return _show_agenda(request, visible_meeting(request, pk))


def _show_agenda(request, meeting, error=None, status=200):
    parts = build_agenda(meeting, request.user)
    closed = meeting.is_locked or meeting.status == MeetingStatus.CANCELLED
    context = {
        "trail": trail_of_meeting(meeting, "Chương trình"),
        "meeting": meeting,
        "parts": parts,
        "text": request.POST.get("agenda") or agenda_text(parts),
        "may_write": may_plan(request.user, meeting) and not closed,
        "error": error,
        "minutes": sum(part.minutes or 0 for part in parts),
    }
    return TemplateResponse(request, "feedback/agenda_detail.html", context, status=status)


@act(roles=HOSTS)
def agenda_write(request, pk):
    """The text, as mended by the officer, becomes the meeting's agenda."""
    meeting = visible_meeting(request, pk)
    try:
        write_agenda(pk, request.POST.get("agenda", ""), actor=request.user, version=version_of(request))
    except NotAllowed:
        raise
    except DomainError as refusal:
        return _show_agenda(request, visible_meeting(request, pk), refusal, refusal.status_code)
    messages.success(request, "Đã đưa vào chương trình hội nghị.")
    return redirect("meeting_agenda", meeting.pk)


@act(roles=HOSTS)
def relay_ask(request, pk):
    """A question that came back becomes an item of the unit's next meeting; asked twice, it is one item."""
    told = Relay.objects.filter(announcement__in=Announcement.objects.visible_to(request.user)).exclude(questions="")
    relay = get_object_or_404(told.select_related("announcement__meeting__unit", "unit"), pk=pk)
    meeting, today = relay.announcement.meeting, timezone.localdate()
    if not may_charge(request.user, meeting):
        raise NotAllowed("Chỉ đơn vị tổ chức hội nghị đưa câu hỏi vào giỏ ý kiến của mình.")
    is_village = relay.unit.level == Level.VILLAGE
    text = relay.questions if is_village else f"{relay.unit.name}: {relay.questions}"
    unit = heir_of(meeting.unit, today) or meeting.unit
    village = relay.unit if is_village else None
    put_in(unit, village, text, actor=request.user, today=today, kind=OpinionKind.QUESTION)
    messages.success(request, "Đã đưa câu hỏi vào giỏ ý kiến của hội nghị kế tiếp.")
    return redirect("relay_detail", relay.announcement_id)


ROLES = ("commune", "commune_leader", "district", "leader", "specialist", "village")
TAKEN = "da-dua"
COLUMNS = ("pk", "text", "village__name", "put_in_on", "state", "opinion_id")


@form_page(roles=ROLES)
def basket_list(request):
    today = timezone.localdate()
    unit, units = _basket_unit(request, today)
    if unit is None:
        return TemplateResponse(request, "feedback/basket_list.html", {"unit": None, "total": 0})
    is_staff, places = works_at(request.user, unit.pk), places_of(unit, request.user, today)
    chosen = next((str(place.pk) for place in places if place.key == request.GET.get("thon")), "")
    form = BasketForm(request.POST or None, unit=unit, places=places, is_staff=is_staff, chosen=chosen)
    if request.method == "POST":
        items = form.run(put_in_many, unit=unit, actor=request.user, today=today)
        if items is not None:
            messages.success(request, f"Đã có {len(items)} ý kiến trong giỏ, chờ hội nghị kế tiếp.")
            return redirect(f"{reverse('basket_list')}?don-vi={unit.key}")
    context = _shown(request, unit, today) | {"unit": unit, "units": units, "form": form, "is_staff": is_staff}
    return TemplateResponse(request, "feedback/basket_list.html", context, status=422 if form.is_bound else 200)


def _basket_unit(request, today):
    """(the unit asked for, or one's first; all one may choose from)."""
    units = basket_units(request.user, today)
    asked = request.GET.get("don-vi")
    if asked and asked not in {unit.key for unit in units}:
        raise Http404
    return next((unit for unit in units if unit.key == asked or not asked), None), units


def _shown(request, unit, today):
    """What waits by village; or, on the second tab, what was raised or withdrawn."""
    groups, silent = basket_groups(unit, request.user, today)
    waiting = sum(len(group["rows"]) for group in groups)
    gone = finished_items(unit, request.user)
    is_gone = request.GET.get("xem") == TAKEN
    page = keyset_page(gone.values(*COLUMNS), ("-pk",), request.GET) if is_gone else None
    gone_count = gone.count()
    here = f"?don-vi={unit.key}"
    tabs = [
        {"label": "Đang chờ", "url": here, "count": waiting, "active": not is_gone},
        {"label": "Đã nêu, đã rút", "url": f"{here}&xem={TAKEN}", "count": gone_count, "active": is_gone},
    ]
    own = upcoming_meetings(request.user, today, limit=1, units=[unit.pk])
    return {
        "groups": groups,
        "silent": silent,
        "page": page,
        "rows": [_gone_row(row) for row in page.rows] if page else [],
        "total": gone_count if is_gone else waiting,
        "tabs": tabs,
        "next_meeting": own[0] if own else None,
    }


def _gone_row(row):
    is_taken = row["state"] == BasketState.TAKEN
    url = reverse("opinion_detail", args=[row["opinion_id"]]) if is_taken else ""
    return row | {"word": BasketState(row["state"]).label, "tone": "done" if is_taken else "neutral", "url": url}


def _item(request, pk):
    items = BasketItem.objects.visible_to(request.user).select_related("unit", "village")
    return get_object_or_404(items, pk=pk)


@form_page(roles=ROLES)
def basket_edit(request, pk):
    item, today = _item(request, pk), timezone.localdate()
    back = f"{reverse('basket_list')}?don-vi={item.unit.key}"
    is_staff = works_at(request.user, item.unit_id)
    form = BasketItemForm(request.POST or None, item=item, is_staff=is_staff, today=today)
    if request.method == "POST" and form.is_valid():
        draft, version = form.draft(), form.cleaned_data["version"]
        form.cleaned_data = {"draft": draft, "version": version}
        if form.run(edit_item, item_id=pk, actor=request.user, today=today):
            messages.success(request, "Đã lưu ý kiến gửi trước.")
            return redirect(back)
    context = {"form": form, "item": item, "back": back, "may_change": may_change_item(request.user, item)}
    return TemplateResponse(request, "feedback/basket_edit.html", context, status=422 if form.is_bound else 200)


@act(roles=ROLES)
def basket_withdraw(request, pk):
    item = _item(request, pk)
    word = request.POST.get("version", "")
    version = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
    reason, today = request.POST.get("reason", ""), timezone.localdate()
    withdraw_item(pk, actor=request.user, version=version, reason=reason, today=today)
    messages.success(request, "Đã rút ý kiến gửi trước.")
    return redirect(f"{reverse('basket_list')}?don-vi={item.unit.key}")


@page(roles=STAFF_ROLES)
def read_back(request, pk):
    return _show_readback(request, visible_meeting(request, pk))


def _show_readback(request, meeting, refusal="", status=200):
    """The whole page; `refusal` says why the last answer was not written down."""
    rows = read_back_rows(meeting, request.user)
    fresh, older = ([row for row in rows if row["is_older"] == is_older] for is_older in (False, True))
    context = {
        "meeting": meeting,
        "groups": by_place(fresh),
        "older_groups": by_place(older),
        "progress": progress_of(rows),
        "total": len(rows),
        "may_say": may_read_back(request.user, meeting),
        "refusal": refusal,
    }
    return TemplateResponse(request, "feedback/read_back.html", context, status=status)


@act(roles=HOSTS)
def read_back_say(request, pk, opinion_pk):
    """One tap. With htmx the card and the count come back; else the page, at the card."""
    meeting, data = visible_meeting(request, pk), request.POST
    word = data.get("version", "")
    version = int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
    said = {"satisfaction": data.get("satisfaction", ""), "note": data.get("note", "")}
    today = timezone.localdate()
    try:
        write_read_back(pk, opinion_pk, **said, actor=request.user, version=version, today=today)
    except NotAllowed:
        raise
    except DomainError as error:
        answer = _show_readback(request, meeting, error.message, error.status_code)
        for name, value in (("HX-Retarget", "#main"), ("HX-Reselect", "#main"), ("HX-Reswap", "outerHTML")):
            answer[name] = value
        return answer
    if request.headers.get("HX-Request"):
        return _card(request, meeting, opinion_pk)
    messages.success(request, f"YK-{opinion_pk}: đã ghi.")
    return redirect(f"{reverse('read_back', args=[pk])}#opinion-{opinion_pk}")


def _card(request, meeting, opinion_pk):
    rows = read_back_rows(meeting, request.user)
    row = next(row for row in rows if row["opinion"].pk == opinion_pk)
    context = {"row": row, "meeting": meeting, "progress": progress_of(rows), "is_alone": True}
    return TemplateResponse(request, "feedback/_read_back_row.html", context)


@page(roles=STAFF_ROLES)
def read_back_print(request, pk):
    """For the notice boards: one village a page, no names, nothing that is not for everybody."""
    meeting = visible_meeting(request, pk)
    rows = [
        row
        for row in read_back_rows(meeting, request.user)
        if row["opinion"].visibility == Visibility.NORMAL and row["answer"] and not row["is_older"]
    ]
    groups, key = by_place(rows), request.GET.get("thon", "")
    if key:
        groups = [group for group in groups if group["key"] == key]
        if not groups:
            raise Http404
    shown = sum(len(group["rows"]) for group in groups)
    record(request.user.pk, "opinion.print", meeting, after={"rows": shown})
    context = {"meeting": meeting, "groups": groups, "total": shown}
    return TemplateResponse(request, "feedback/read_back_print.html", context)


@page(roles=tuple(sorted(CONTENT_ROLES)))
def speaker_list(request):
    """The unit of `don-vi`, else one's own; those above choose one of their branch."""
    today = timezone.localdate()
    units = list(Unit.objects.visible_to(request.user).filter(level__in=PLACES).on(today).order_by("-level", "code"))
    unit = _speakers_unit(request)
    context = {"trail": trail_to("Phát biểu"), "unit": unit, "units": units, "total": 0}
    if unit:
        context |= speaking_of(unit, request.user, today)
        context["total"] = len(context["rows"])
    return TemplateResponse(request, "feedback/speaker_list.html", context)


def _speakers_unit(request):
    """Only units whose records the user reads: a duty of an administrator shows no opinions."""
    key = request.GET.get("don-vi")
    if key:
        units = Unit.objects.visible_to(request.user).filter(level__in=PLACES)
        return get_object_or_404(units, key=key)
    own = [g.unit_id for g in request.user.scope.content_grants if g.level in PLACES]
    return Unit.objects.filter(pk__in=own).order_by("-level", "pk").first()
