"""Pages that need a meeting and its opinions together: plan, log, read, close."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.activity import last_act
from core.drafts import typed_before
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from core.routing import act, form_page, page
from feedback.access import complaint_hint, mask_speakers
from feedback.matching.reads import answers_before
from feedback.models import Opinion
from feedback.reads import is_wrong_level, tone_of, word_of
from meetings.access import may_lock, may_log, may_plan, may_reopen
from meetings.cadence.reads import plannable_occurrences, plannable_units
from meetings.enums import MeetingKind, MeetingStatus
from meetings.files import attach
from meetings.models import Meeting
from meetings.reads import in_sentence
from meetings.services import (
    MeetingPlan,
    cancel_meeting,
    finish_minutes,
    issue_conclusion,
    join_meeting,
    lock_meeting,
    plan_meeting,
    postpone_meeting,
    reopen_meeting,
)
from meetings.views import trail_to
from people.reads import saved_by
from proceedings.checking import check_answers, dates_context, joinable, may_join, must_fill
from proceedings.entry import EntryPage
from proceedings.forms import ConcludeForm, JoinForm, MeetingPlanForm, RebookForm
from proceedings.services import rebook_meeting

TRIES = 3
"""How often a save is merged again when others save at the same moment."""
HOSTS = ("commune", "commune_leader", "district", "leader", "specialist")

NOTES = {
    "reopen": ("Mở lại hội nghị", "Lý do mở lại", "", "btn-primary"),
    "postpone": ("Hoãn hội nghị", "Lý do hoãn", "", "btn-primary"),
    "cancel": (
        "Hủy hội nghị",
        "Lý do hủy",
        "Hội nghị đã hủy không tính vào số liệu; nội dung vẫn được giữ.",
        "btn-outline-danger",
    ),
}
STATE_TONES = {
    MeetingStatus.PLANNED: "waiting",
    MeetingStatus.HELD: "progress",
    MeetingStatus.MINUTED: "progress",
    MeetingStatus.LOCKED: "done",
    MeetingStatus.POSTPONED: "soon",
    MeetingStatus.CANCELLED: "neutral",
}


def visible_meeting(request, pk):
    visible = Meeting.objects.visible_to(request.user).select_related("unit", "occurrence")
    return get_object_or_404(visible.prefetch_related("heads"), pk=pk)


@form_page(roles=HOSTS)
def meeting_create(request):
    today = timezone.localdate()
    units, occurrences = plannable_units(request.user, today), plannable_occurrences(request.user, today)
    initial = _plan_initial(request, units, occurrences, today)
    form = MeetingPlanForm(request.POST or None, units=units, occurrences=occurrences, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("meeting_log", _plan(request, form.cleaned_data).pk)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "feedback/meeting_create.html", {"form": form, "units": units}, status=status)


def _plan_initial(request, units, occurrences, today):
    """The period asked for, else the running one that is still to be held."""
    waiting = [row.pk for row in occurrences if row.begun_on is None and not row.is_exempt and row.opens_on <= today]
    is_thematic = request.GET.get("loai") == MeetingKind.THEMATIC
    return {
        "occurrence": request.GET.get("ky") or ("" if is_thematic else next(iter(waiting), "")),
        "kind": MeetingKind.THEMATIC if is_thematic else MeetingKind.PERIODIC,
        "title": request.GET.get("ten", "")[:250],
        "unit": request.GET.get("don-vi") or (units[0].pk if units else ""),
        "planned_on": today,
        "request_id": uuid.uuid4(),
    }


def _plan(request, data):
    names = ("planned_on", "kind", "form", "host", "title", "place", "link", "started_at", "is_extra")
    return plan_meeting(
        MeetingPlan(**{name: data[name] for name in names}),
        actor=request.user,
        unit=data["unit"],
        occurrence=data["occurrence"],
        request_id=f"{request.user.pk}-{data['request_id']}",
    )


@form_page(roles=HOSTS)
def meeting_log(request, pk):
    meeting = visible_meeting(request, pk)
    if not may_log(request.user, meeting) or meeting.is_locked or meeting.status == MeetingStatus.CANCELLED:
        if request.method == "POST":
            words = saved_by(request.user, last_act(meeting))
            raise Conflict(f"Chưa lưu: hội nghị không còn ghi được ({words}). Phần đã nhập còn trong bản nháp.")
        return redirect(meeting)
    data = request.POST or typed_before(request)
    entry, status = EntryPage(meeting, request.user, timezone.localdate(), data, request.GET), 200
    if request.method == "POST":
        entry, status = _save_entry(entry)
        if status == 302:
            return _after_saving(request, meeting, entry)
    return TemplateResponse(request, "feedback/meeting_log.html", entry.context(), status=status)


def _save_entry(entry):
    """(page, status): saved, with what others saved meanwhile; or the page that says what is to be mended or chosen."""
    try:
        for _ in range(TRIES):
            if not entry.is_valid():
                return entry, 422
            entry = entry.merged()
            if entry.clashes:
                words = saved_by(entry.user, last_act(entry.meeting))
                told = f"Trong lúc đồng chí nhập, hội nghị có bản mới: {words}. Chọn từng mục ở bảng bên dưới."
                entry.add_error(Conflict(told, "clashes"))
                return entry, 409
            if not entry.is_valid():
                return entry, 422
            try:
                entry.save()
                return entry, 302
            except Conflict:
                entry = entry.reread()
    except DomainError as error:
        entry.add_error(error)
        return entry, error.status_code
    entry.add_error(Conflict("Hội nghị đang được nhiều người lưu cùng lúc. Bấm Lưu lần nữa."))
    return entry, 409


def _after_saving(request, meeting, entry):
    messages.success(request, "Đã lưu hội nghị.")
    if entry.taken:
        labels = list(dict.fromkeys(entry.label_of(key).split(":")[0] for key in entry.taken))
        words = f"Đã ghép với phần được lưu trong lúc đồng chí nhập: {', '.join(labels[:6])}. Mời xem lại."
        messages.info(request, words)
    if hint := complaint_hint(meeting, request.user):
        messages.warning(request, hint)
    return redirect("meeting_check", meeting.pk) if "and_check" in request.POST else redirect(meeting)


@page()
def meeting_detail(request, pk):
    return show_meeting(request, visible_meeting(request, pk))


def show_meeting(request, meeting, refusal=None, status=200):
    """The page of a meeting; `refusal` {act, error, reason} is an act that was refused, with what was typed."""
    rows, hidden_count = _opinions(request.user, meeting)
    context = _shared(meeting) | {
        "refusal": refusal,
        "opinions": rows,
        "hidden_count": hidden_count,
        "attendances": list(meeting.attendances.all()),
        "counts": list(meeting.counts.select_related("unit")),
        "sittings": list(meeting.sittings.prefetch_related("communes")),
        "files": list(meeting.files.all()),
    }
    people = context["attendances"], context["counts"]
    context |= dates_context(request.user, meeting, timezone.localdate(), *people, refusal)
    context["acts"] = _acts(request.user, meeting)
    context["notes"] = [_note(meeting, name, refusal) for name in NOTES if context["acts"][name]]
    return TemplateResponse(request, "feedback/meeting_detail.html", context, status=status)


def _note(meeting, name, refusal):
    """One act that asks for a reason; what was typed stays when it was refused."""
    typed = refusal if refusal and refusal["act"] == name else {"reason": "", "error": ""}
    note = {"url": reverse(f"meeting_{name}", args=[meeting.pk]), "value": typed["reason"], "error": typed["error"]}
    return note | dict(zip(("button", "label", "hint", "style"), NOTES[name], strict=True))


def _shared(meeting):
    headings = ("Chương trình", "Nội dung thông báo", "Diễn biến", "Kết luận")
    texts = (meeting.agenda, meeting.announcements, meeting.minutes, meeting.conclusions)
    return {
        "meeting": meeting,
        "period_label": Period.parse(meeting.occurrence.period).label if meeting.occurrence else "",
        "texts": list(zip(headings, texts, strict=True)),
        "tone": STATE_TONES[meeting.status],
    }


def _opinions(user, meeting):
    """Rows of the meeting's opinions that the user may read, and how many are kept from view."""
    columns = (
        "pk",
        "number",
        "text",
        "status",
        "raised_by_name",
        "village__name",
        "commune__name",
        "topic__name",
        "answer",
        *("hides_speaker", "unit_id", "commune_id"),
    )
    visible = Opinion.objects.visible_to(user).filter(meeting=meeting).order_by("number", "id")
    marks = ("level", "competence", "settled_before_id")
    rows = mask_speakers(user, list(visible.values(*columns, "body__name", "due_on", "visibility", *marks)))
    earlier = answers_before((row["settled_before_id"] for row in rows), user)
    for row in rows:
        row |= {"word": word_of(row["status"]), "tone": tone_of(row["status"])}
        row["is_wrong_level"] = is_wrong_level(row["level"], row["competence"])
        row["settled_before_on"] = earlier.get(row["settled_before_id"])
    return rows, max(0, meeting.opinion_count - len(rows))


def _acts(user, meeting):
    """Which buttons the page shows: the same predicates and map the services use."""
    planned = meeting.status in (MeetingStatus.PLANNED, MeetingStatus.POSTPONED)
    return {
        "log": may_log(user, meeting) and not meeting.is_locked and meeting.status != MeetingStatus.CANCELLED,
        "minute": may_log(user, meeting) and meeting.status == MeetingStatus.HELD,
        "lock": may_lock(user, meeting) and meeting.status in (MeetingStatus.HELD, MeetingStatus.MINUTED),
        "reopen": may_reopen(user, meeting) and meeting.is_locked,
        "postpone": may_plan(user, meeting) and meeting.status == MeetingStatus.PLANNED,
        "cancel": may_plan(user, meeting)
        and (planned or meeting.status in (MeetingStatus.HELD, MeetingStatus.MINUTED)),
        "attach": may_log(user, meeting) and not meeting.is_locked,
    }


@page(roles=HOSTS)
def meeting_check(request, pk):
    """Check the answers before the record is closed."""
    meeting = visible_meeting(request, pk)
    if not _acts(request.user, meeting)["lock"]:
        return redirect(meeting)
    rows, hidden_count = _opinions(request.user, meeting)
    context = _shared(meeting) | {"opinions": rows, "hidden_count": hidden_count} | check_answers(meeting, rows)
    return TemplateResponse(request, "feedback/meeting_check.html", context)


DONE = {
    "attach": "Đã thêm tệp.",
    "minute": "Đã ghi xong biên bản.",
    "lock": "Đã chốt hội nghị.",
    "reopen": "Đã mở lại hội nghị. Sửa xong thì chốt lại.",
    "postpone": "Đã hoãn hội nghị.",
    "cancel": "Đã hủy hội nghị.",
}


@act(roles=HOSTS)
def meeting_attach(request, pk):
    def add(meeting):
        if "file" not in request.FILES:
            raise DomainError("Chọn một tệp rồi bấm Gửi tệp.", "file")
        attach(meeting, request.FILES["file"], actor=request.user)

    return _done_or_told(request, pk, "attach", add)


@act(roles=HOSTS)
def meeting_minute(request, pk):
    return _dated(request, pk, "minute", finish_minutes)


@act(roles=HOSTS)
def meeting_lock(request, pk):
    def lock(meeting_id, **facts):
        if rows := must_fill(visible_meeting(request, meeting_id)):
            raise DomainError("Chưa chốt được. " + " ".join(text for text, _ in rows))
        return lock_meeting(meeting_id, **facts)

    return _dated(request, pk, "lock", lock)


@act(roles=HOSTS)
def meeting_reopen(request, pk):
    return _with_reason(request, pk, "reopen", reopen_meeting)


@act(roles=HOSTS)
def meeting_postpone(request, pk):
    return _with_reason(request, pk, "postpone", postpone_meeting)


@act(roles=HOSTS)
def meeting_cancel(request, pk):
    return _with_reason(request, pk, "cancel", cancel_meeting)


def _dated(request, pk, name, service):
    today, version = timezone.localdate(), _version(request)
    return _done_or_told(
        request, pk, name, lambda meeting: service(meeting.pk, actor=request.user, version=version, today=today)
    )


def _with_reason(request, pk, name, service):
    reason, version = request.POST.get("reason", "").strip()[:500], _version(request)
    return _done_or_told(
        request, pk, name, lambda meeting: service(meeting.pk, actor=request.user, version=version, reason=reason)
    )


def _done_or_told(request, pk, name, act_on):
    """Do it and go back to the meeting; a refusal is told on the meeting's page, at the act it belongs to."""
    meeting = visible_meeting(request, pk)
    try:
        act_on(meeting)
    except NotAllowed:
        raise
    except DomainError as error:
        refusal = {"act": name, "error": error.message, "reason": request.POST.get("reason", "")}
        return show_meeting(request, visible_meeting(request, pk), refusal, error.status_code)
    messages.success(request, DONE[name])
    return redirect(meeting)


def _version(request):
    """The version the actor saw; something unreadable agrees with none."""
    word = request.POST.get("version", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0


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

    return _done_with_form(request, pk, "conclude", form, conclude, "Đã ghi ngày ra kết luận.")


@act(roles=HOSTS)
def meeting_rebook(request, pk):
    def rebook(meeting, data):
        rebook_meeting(meeting.pk, data.pop("occurrence"), actor=request.user, today=timezone.localdate(), **data)

    return _done_with_form(request, pk, "rebook", RebookForm(request.POST), rebook, "Đã chuyển hội nghị sang kỳ khác.")


def _done_with_form(request, pk, name, form, act_on, done):
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
