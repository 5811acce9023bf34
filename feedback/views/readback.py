"""The first item of a meeting: every answer is read back to its village, and the room says what it thinks of it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.routing import act, page
from feedback.enums import Visibility
from feedback.readback import by_place, may_read_back, progress_of, read_back_rows
from feedback.services.readback import read_back as write_read_back
from feedback.views.meetings import HOSTS, visible_meeting
from feedback.views.opinions import STAFF_ROLES


@page(roles=STAFF_ROLES)
def read_back(request, pk):
    return _show(request, visible_meeting(request, pk))


def _show(request, meeting, refusal="", status=200):
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
        answer = _show(request, meeting, error.message, error.status_code)
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
