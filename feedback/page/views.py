"""The review desk, its printed list, one opinion's page, and mending what was recorded."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from core.activity import record
from core.drafts import typed_before
from core.errors import Conflict, DomainError, NotAllowed
from core.files import file_answer
from core.routing import ALL_ROLES, act, form_page, page
from feedback.access import BODY_VERBS, may_edit, may_write_board_papers, writes_letters
from feedback.desk.reads import NEXT, OF_PLACE, PRINTED, Desk
from feedback.enums import LEDGER_KEEPERS, Verb
from feedback.models import Opinion, SavedFilter, Support
from feedback.page.forms import EVIDENCED, AssignManyForm, OpinionForm, form_for
from feedback.page.reads import beside_context, detail_context
from feedback.reads import own_bodies
from feedback.thread import moves, steps
from feedback.thread.door import BRINGS_DAY, check_right
from feedback.thread.moves import accept_proposal, assign_many
from feedback.thread.news import set_following
from feedback.thread.readers import attach_file, close_to_post, hide_speaker, open_to_post, remove_file, visible_files
from feedback.thread.recording import edit_opinion
from feedback.thread.steps import Awaited, reply_support, withdraw_support
from people.reads import saved_by

STAFF_ROLES = ("commune", "commune_leader", "district", "leader", "specialist", "province", "province_leader")
MOST_AT_ONCE = 200


def visible_opinion(request, pk):
    related = ("meeting", "unit", "holder", "body", "topic", "village", "commune", "district", "province", "master")
    return get_object_or_404(Opinion.objects.visible_to(request.user).select_related(*related), pk=pk)


@page(roles=ALL_ROLES)
def opinion_list(request):
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    return _show_desk(request, desk, AssignManyForm(bodies=own_bodies(request.user, today), today=today))


def _show_desk(request, desk, many_form, status=200):
    paged, rows = desk.page()
    hidden = desk.hidden_count()
    context = {
        "desk": desk,
        "form": desk.form,
        "paged": paged,
        "rows": rows,
        "hidden_count": hidden,
        "total": desk.rows.count() + hidden,
        "tabs": desk.tabs(),
        "many_form": many_form,
        "may_assign": any(row["may_tick"] for row in rows),
        "action": request.path,
        "may_write_letters": writes_letters(request.user),
        "may_write_board": may_write_board_papers(request.user),
        "is_staff": bool(set(STAFF_ROLES) & request.user.roles),
        "may_import": bool(set(LEDGER_KEEPERS) & request.user.roles),
        "saved": list(SavedFilter.objects.filter(user=request.user)),
    }
    status = status if desk.is_valid else 400
    return TemplateResponse(request, "feedback/opinion_list.html", context, status=status)


@page(roles=ALL_ROLES)
def opinion_print(request):
    """The same list on paper; who printed how many rows is kept in the activity log."""
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    rows, hidden = desk.printed(), desk.hidden_count()
    record(request.user.pk, "opinion.print", request.user, after={"rows": len(rows)})
    total = desk.rows.count() + hidden
    context = {"desk": desk, "rows": rows, "hidden_count": hidden, "total": total, "today": today}
    context["is_cut"] = total - hidden > PRINTED
    return TemplateResponse(request, "feedback/opinion_print.html", context, status=200 if desk.is_valid else 400)


@act(roles=STAFF_ROLES)
def opinion_assign_many(request):
    """Hand out the ticked rows; what cannot be handed out is named with its reason."""
    today = timezone.localdate()
    form = AssignManyForm(request.POST, bodies=own_bodies(request.user, today), today=today)
    pks = ticked_ids(request)
    if not form.is_valid() or not 1 <= len(pks) <= MOST_AT_ONCE:
        if form.is_valid():
            form.add_error(None, f"Đánh dấu từ 1 đến {MOST_AT_ONCE} ý kiến rồi giao.")
        return _show_desk(request, Desk(request.GET, request.user, today), form, 422)
    awaited = Awaited(opinion__in=pks)
    done, refused = assign_many(pks, actor=request.user, today=today, **form.cleaned_data)
    if done:
        messages.success(request, f"Đã giao {len(done)} ý kiến cho {form.cleaned_data['body']}.")
    tell_waiting(request, awaited.sentences(today))
    for pk, reason in refused[:10]:
        messages.warning(request, f"YK-{pk} chưa giao được. {reason}")
    return redirect(f"/y-kien/{Desk(request.GET, request.user, today).kept}")


def ticked_ids(request):
    """Ids of the rows that were ticked; what is no number is left out."""
    words = request.POST.getlist("opinion")
    return [int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 19]


@page(roles=ALL_ROLES)
def opinion_detail(request, pk):
    opinion = visible_opinion(request, pk)
    if opinion.is_restricted:
        record(request.user.pk, "opinion.read_restricted", opinion)
    return show_opinion(request, opinion)


def show_opinion(request, opinion, bound=None, status=200, **more):
    """The page of one opinion; `bound` is a refused form with what was typed, `more` what else was refused."""
    today = timezone.localdate()
    context = detail_context(opinion, request.user, today, request.GET, bound)
    context |= beside_context(opinion, request.user, today) | more
    return TemplateResponse(request, "feedback/opinion_detail.html", context, status=status)


@form_page(roles=STAFF_ROLES)
def opinion_edit(request, pk):
    opinion = visible_opinion(request, pk)
    if opinion.meeting is None or not may_edit(request.user, opinion):
        raise NotAllowed("Chỉ đơn vị ghi ý kiến được sửa, khi ý kiến chưa được giao và hội nghị chưa chốt.")
    form, clashes, status = OpinionForm(request.POST or typed_before(request), opinion=opinion), [], 200
    if request.method == "POST":
        form, clashes, status = _save_opinion(request, form)
        if status == 302:
            return redirect(opinion)
    context = {"form": form, "opinion": opinion, "clashes": form.clash_rows(clashes)}
    return TemplateResponse(request, "feedback/opinion_edit.html", context, status=status)


def _save_opinion(request, form):
    """(form, clashes, status): merged with what was saved since the form was opened, then saved or refused."""
    if not form.is_valid():
        return form, [], 422
    opinion = form.opinion
    found, data = form.merge()
    form = OpinionForm(data, opinion=opinion)
    if not form.is_valid():
        return form, [], 422
    if found.clashes:
        act = opinion.moves.order_by("-at", "-pk").values_list("actor_id", "at").first()
        words = saved_by(request.user, act)
        form.add_error(None, f"Trong lúc đồng chí nhập, ý kiến này có bản mới: {words}. Chọn từng mục ở bảng bên dưới.")
        return form, found.clashes, 409
    try:
        today = timezone.localdate()
        edit_opinion(opinion.pk, actor=request.user, version=opinion.version, draft=form.draft(), today=today)
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return form, [], refusal.status_code
    messages.success(request, "Đã lưu ý kiến.")
    if found.taken:
        labels = ", ".join(form.fields[name].label.lower() for name in found.taken)
        messages.info(request, f"Đã ghép với phần được lưu trong lúc đồng chí nhập: {labels}. Mời xem lại.")
    return form, [], 302


ACTS = {
    Verb.ASSIGN: ("giao", moves.assign_opinion),
    Verb.UNASSIGN: ("rut-lai", moves.unassign_opinion),
    Verb.START: ("bat-dau", moves.start_opinion),
    Verb.SCHEDULE: ("ke-hoach", moves.schedule_opinion),
    Verb.ANSWER_ON_SPOT: ("tra-loi", moves.answer_on_spot),
    Verb.RESOLVE: ("giai-quyet", moves.resolve_opinion),
    Verb.EXPLAIN: ("giai-trinh", moves.explain_opinion),
    Verb.ACCEPT: ("tiep-thu", moves.accept_opinion),
    Verb.DECLINE: ("khong-co-co-so", moves.decline_opinion),
    Verb.ESCALATE: ("chuyen-len", moves.escalate_opinion),
    Verb.TRANSFER: ("chuyen-xuong", moves.transfer_opinion),
    Verb.RETURN: ("tra-lai", moves.return_opinion),
    Verb.MERGE: ("gop", moves.merge_opinion),
    Verb.REDIRECT: ("huong-dan", moves.redirect_opinion),
    Verb.WITHDRAW: ("rut-y-kien", moves.withdraw_opinion),
    Verb.REOPEN: ("mo-lai", moves.reopen_opinion),
    Verb.CONFIRM: ("hai-long", moves.confirm_opinion),
    Verb.COMMENT: ("trao-doi", moves.comment_opinion),
    Verb.RECEIPT: ("tiep-nhan", steps.receipt_opinion),
    Verb.EXTEND: ("gia-han", steps.extend_opinion),
    Verb.GRANT_EXTENSION: ("dong-y-gia-han", steps.grant_extension),
    Verb.REFUSE_EXTENSION: ("khong-gia-han", steps.refuse_extension),
    Verb.REVIEW_PLAN: ("ra-soat", steps.review_plan),
    Verb.ADD_STEP: ("moc-viec", steps.add_step),
    Verb.PROGRESS: ("da-lam", steps.finish_step),
    Verb.UNMERGE: ("tach", moves.unmerge_opinion),
    Verb.DISCLAIM: ("khong-thuoc-tham-quyen", moves.disclaim_opinion),
    Verb.ASK_SUPPORT: ("de-nghi-phoi-hop", steps.ask_support),
}
"""Verb → the last word of its address, and its service."""


def _act_view(verb, service):
    roles = (*STAFF_ROLES, "agency") if verb in BODY_VERBS | {Verb.COMMENT, Verb.DISCLAIM} else STAFF_ROLES
    roles = (*roles, "village") if verb == Verb.CONFIRM else roles

    @act(roles=roles)
    def view(request, pk):
        opinion, today = visible_opinion(request, pk), timezone.localdate()
        if not _is_stale(request, opinion):
            check_right(request.user, opinion, verb)
        following, awaited = Desk(request.GET, request.user, today).next_of(opinion), _awaited(verb, pk)
        form = form_for(verb, request.POST, opinion=opinion, user=request.user, today=today)
        if not form.is_valid():
            return show_opinion(request, opinion, form, 422)
        try:
            _do(request, verb, service, pk, {"today": today, **form.arguments()})
        except NotAllowed:
            raise
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return show_opinion(request, visible_opinion(request, pk), form, refusal.status_code)
        _tell_done(request, pk, verb, awaited.sentences(today) if awaited else [])
        return _onwards(request, pk, following)

    view.__name__ = view.__qualname__ = f"opinion_{verb.value}"
    return view


def _awaited(verb, pk):
    """Of verbs that bring a later day themselves, or as what is proposed with them."""
    return Awaited(opinion=pk) if verb in {*BRINGS_DAY, Verb.DISCLAIM} else None


def _tell_done(request, pk, verb, waiting):
    """What was done, and which day waits for whom; more time that waits was asked for only."""
    verb = Verb.ASK_EXTENSION if waiting and verb == Verb.EXTEND else verb
    messages.success(request, f"YK-{pk}: {verb.done}.")
    tell_waiting(request, waiting)


def tell_waiting(request, sentences):
    for sentence in sentences:
        messages.warning(request, sentence)


def _is_stale(request, opinion):
    """Did somebody move it since the actor saw it? Then the service says so, whatever rights were lost by that."""
    seen = request.POST.get("version", "")
    return seen.isascii() and seen.isdigit() and seen != str(opinion.version)


@transaction.atomic
def _do(request, verb, service, pk, arguments):
    """The verb, and the file that proves an answer: both or neither."""
    service(pk, actor=request.user, **arguments)
    if verb in EVIDENCED and (upload := request.FILES.get("file")):
        attach_file(pk, upload, actor=request.user, is_declared="no_secret" in request.POST, is_evidence=True)


def _onwards(request, pk, following):
    """Back to the opinion in its queue; to the next one, or the queue, when it has left the actor's sight.

    `following`: the next one as it was before the act, which may have taken this one out of the queue.
    """
    seen = set(Opinion.objects.visible_to(request.user).filter(pk__in=[pk, following]).values_list("pk", flat=True))
    kept = request.GET.copy()
    for name in OF_PLACE:
        kept.pop(name, None)
    target = next((each for each in (pk, following) if each in seen), None)
    if target == pk and following in seen:
        kept[NEXT] = str(following)
    tail = f"?{kept.urlencode()}" if kept else ""
    return redirect(f"/y-kien/{target}/{tail}" if target else f"/y-kien/{tail}")


urlpatterns = [
    path(f"y-kien/<int:pk>/{word}/", _act_view(verb, service), name=f"opinion_{verb.value}")
    for verb, (word, service) in ACTS.items()
]


SENDERS = (*STAFF_ROLES, "agency", "village")


@page(roles=ALL_ROLES)
def opinion_file(request, pk):
    """A restricted opinion's file is read like its page: somebody did, and when."""
    file = get_object_or_404(visible_files(request.user).select_related("opinion"), pk=pk)
    if file.opinion.is_restricted:
        record(request.user.pk, "opinion.read_restricted", file.opinion, after={"file": file.pk})
    return file_answer(file.path, file.name)


@act(roles=SENDERS)
def file_attach(request, pk):
    opinion = visible_opinion(request, pk)
    try:
        attach_file(pk, request.FILES.get("file"), actor=request.user, is_declared="no_secret" in request.POST)
    except NotAllowed:
        raise
    except DomainError as refusal:
        return show_opinion(request, opinion, status=refusal.status_code, refused={"files": refusal.message})
    messages.success(request, f"YK-{pk}: đã thêm tệp.")
    return redirect(opinion)


@act(roles=SENDERS)
def file_remove(request, pk):
    file = get_object_or_404(visible_files(request.user), pk=pk)
    opinion = remove_file(file, actor=request.user, now=timezone.now())
    messages.success(request, f"YK-{opinion.pk}: đã bỏ tệp.")
    return redirect(opinion)


@act(roles=ALL_ROLES)
def opinion_follow(request, pk):
    opinion = visible_opinion(request, pk)
    set_following(pk, request.POST.get("choice", ""), actor=request.user)
    messages.success(request, f"YK-{pk}: đã lưu lựa chọn nhận thông báo.")
    return redirect(opinion)


def number_of(word):
    """A typed id, or None for anything else."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


@act(roles=STAFF_ROLES)
def reader_name(request, pk):
    opinion, today = visible_opinion(request, pk), timezone.localdate()
    try:
        open_to_post(pk, post_id=number_of(request.POST.get("post", "")), actor=request.user, today=today)
    except NotAllowed:
        raise
    except DomainError as refusal:
        return show_opinion(request, opinion, status=refusal.status_code, refused={"readers": refusal.message})
    messages.success(request, f"YK-{pk}: đã mở cho người được chọn xem.")
    return redirect(opinion)


@act(roles=STAFF_ROLES)
def reader_drop(request, pk):
    opinion, today = visible_opinion(request, pk), timezone.localdate()
    close_to_post(pk, post_id=number_of(request.POST.get("post", "")), actor=request.user, today=today)
    messages.success(request, f"YK-{pk}: đã thôi mở cho người này.")
    return redirect(opinion)


@act(roles=STAFF_ROLES)
def speaker_hide(request, pk):
    opinion = visible_opinion(request, pk)
    hides, version = request.POST.get("hides") == "on", number_of(request.POST.get("version", ""))
    if version is None:
        raise DomainError("Tải lại trang rồi thực hiện lại.")
    hide_speaker(pk, hides=hides, actor=request.user, version=version, today=timezone.localdate())
    messages.success(request, f"YK-{pk}: đã lưu lựa chọn về tên người nêu.")
    return redirect(opinion)


@act(roles=("agency",))
def support_reply(request, pk):
    return _answer(request, pk, reply_support, "đã gửi ý kiến phối hợp")


@act(roles=STAFF_ROLES)
def support_withdraw(request, pk):
    return _answer(request, pk, withdraw_support, "đã thôi đề nghị phối hợp")


def _answer(request, pk, service, done):
    """A refusal shows the opinion again with what was typed beside the request it belongs to."""
    asked = Support.objects.filter(withdrawn_on=None, opinion__in=Opinion.objects.visible_to(request.user))
    support = get_object_or_404(asked, pk=pk)
    note = request.POST.get("note", "")
    try:
        version = _version(request)
        service(pk, actor=request.user, version=version, today=timezone.localdate(), note=note)
    except DomainError as refusal:
        if refusal.field != "note" and not isinstance(refusal, Conflict):
            raise
        refused = {"pk": pk, "error": refusal.message, "note": note}
        opinion = visible_opinion(request, support.opinion_id)
        return show_opinion(request, opinion, status=refusal.status_code, refused_support=refused)
    messages.success(request, f"YK-{support.opinion_id}: {done}.")
    return redirect("opinion_detail", support.opinion_id)


@act(roles=STAFF_ROLES)
def proposal_accept(request, pk):
    """One button: do what the body proposed."""
    opinion, awaited = visible_opinion(request, pk), Awaited(opinion=pk)
    accept_proposal(opinion.pk, actor=request.user, version=_version(request), today=timezone.localdate())
    messages.success(request, f"YK-{pk}: đã thực hiện theo đề nghị.")
    tell_waiting(request, awaited.sentences(timezone.localdate()))
    is_visible = Opinion.objects.visible_to(request.user).filter(pk=pk).exists()
    return redirect(reverse("opinion_detail", args=[pk]) if is_visible else reverse("opinion_list"))


def _version(request):
    word = request.POST.get("version", "")
    if not (word.isascii() and word.isdecimal() and len(word) < 10):
        raise DomainError("Phiên bản của trang không hợp lệ. Tải lại trang rồi thực hiện lại.")
    return int(word)
