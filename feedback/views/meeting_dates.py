"""Acts on the days and the round of a meeting: its conclusion, another period, units that met with it."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.activity import last_act
from core.errors import DomainError, NotAllowed
from core.routing import act, form_page
from feedback.dates import joinable, may_join
from feedback.forms.meetings import ConcludeForm, JoinForm, RebookForm
from feedback.services.rebooking import rebook_meeting
from feedback.views.meetings import HOSTS, show_meeting, visible_meeting
from meetings.access import may_log
from meetings.selectors import in_sentence
from meetings.services import issue_conclusion, join_meeting
from meetings.views import trail_to
from people.selectors import saved_by

JOINERS = (*HOSTS, "province")


@act(roles=HOSTS)
def meeting_conclude(request, pk):
    meeting = visible_meeting(request, pk)
    form = ConcludeForm(request.POST, meeting=meeting)
    if form.is_valid() and may_log(request.user, meeting):
        found, data = form.merge()
        form = ConcludeForm(data, meeting=meeting)
        if found.clashes:
            error = f"Sau khi trang này được mở, hội nghị {saved_by(request.user, last_act(meeting))}. Chọn ngày đúng."
            typed = form.data.dict() | {"clashes": form.clash_rows(found.clashes)}
            refusal = {"act": "conclude", "error": error, "reason": "", "typed": typed}
            return show_meeting(request, meeting, refusal, 409)

    def conclude(meeting, data):
        issue_conclusion(
            meeting.pk, actor=request.user, on=data["on"], version=data["version"], today=timezone.localdate()
        )

    return _done_or_told(request, pk, "conclude", form, conclude, "Đã ghi ngày ra kết luận.")


@act(roles=HOSTS)
def meeting_rebook(request, pk):
    def rebook(meeting, data):
        rebook_meeting(meeting.pk, data.pop("occurrence"), actor=request.user, today=timezone.localdate(), **data)

    return _done_or_told(request, pk, "rebook", RebookForm(request.POST), rebook, "Đã chuyển hội nghị sang kỳ khác.")


def _done_or_told(request, pk, name, form, act_on, done):
    """Do it and go back; a refusal is told on the meeting's page with what was typed."""
    meeting = visible_meeting(request, pk)
    try:
        if not form.is_valid():
            raise DomainError(next(iter(form.errors.values()))[0])
        act_on(meeting, form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as error:
        refusal = {"act": name, "error": error.message, "reason": "", "typed": form.data.dict()}
        return show_meeting(request, visible_meeting(request, pk), refusal, error.status_code)
    messages.success(request, done)
    return redirect(meeting)


@form_page(roles=JOINERS)
def meeting_join(request, pk):
    """Tick the units that held this meeting together; the meeting stays the host's and is counted once."""
    meeting = visible_meeting(request, pk)
    if not may_join(request.user, meeting):
        raise NotAllowed("Chỉ cấp trên của các đơn vị mới ghi được hội nghị họp chung.")
    rows = joinable(request.user, meeting)
    joined = set(meeting.joint_occurrences.values_list("pk", flat=True))
    form = JoinForm(request.POST or None, occurrences=rows, initial={"version": meeting.version})
    if form.is_valid():
        data = form.cleaned_data
        try:
            join_meeting(
                meeting.pk, data["ids"], actor=request.user, version=data["version"], today=timezone.localdate()
            )
            messages.success(request, "Đã ghi các đơn vị họp chung.")
            return redirect(meeting)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
    choices = [{"pk": row.pk, "name": row.unit.name, "period": in_sentence(row.period)} for row in rows]
    ticked = set(request.POST.getlist("occurrences")) if form.is_bound else {str(pk) for pk in joined}
    context = {"meeting": meeting, "form": form, "choices": choices, "ticked": ticked}
    context["trail"] = trail_to("Họp chung")
    return TemplateResponse(request, "feedback/meeting_join.html", context, status=422 if form.is_bound else 200)
