"""One address for each verb of an opinion; a refusal shows the page again with what was typed."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.routing import act
from feedback.access import BODY_VERBS
from feedback.desk import NEXT, OF_PLACE, Desk
from feedback.enums import Verb
from feedback.forms.moves import EVIDENCED, form_for
from feedback.models import Opinion
from feedback.services import disclaiming, extensions, moves, steps, supporting
from feedback.services.door import check_right
from feedback.services.files import attach_file
from feedback.views.opinions import STAFF_ROLES, show_opinion, visible_opinion

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
    Verb.EXTEND: ("gia-han", extensions.extend_opinion),
    Verb.GRANT_EXTENSION: ("dong-y-gia-han", extensions.grant_extension),
    Verb.REFUSE_EXTENSION: ("khong-gia-han", extensions.refuse_extension),
    Verb.REVIEW_PLAN: ("ra-soat", steps.review_plan),
    Verb.ADD_STEP: ("moc-viec", steps.add_step),
    Verb.PROGRESS: ("da-lam", steps.finish_step),
    Verb.UNMERGE: ("tach", moves.unmerge_opinion),
    Verb.DISCLAIM: ("khong-thuoc-tham-quyen", disclaiming.disclaim_opinion),
    Verb.ASK_SUPPORT: ("de-nghi-phoi-hop", supporting.ask_support),
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
        following = Desk(request.GET, request.user, today).next_of(opinion)
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
        messages.success(request, f"YK-{pk}: {verb.done}.")
        return _onwards(request, pk, following)

    view.__name__ = view.__qualname__ = f"opinion_{verb.value}"
    return view


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
