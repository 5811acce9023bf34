"""Bodies that help the lead body: asked by the holder, each with its day; they read the opinion and say their part."""

from django.db import transaction
from django.urls import reverse

from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_text
from feedback.enums import Verb
from feedback.models import Support
from feedback.services.door import locked, move
from feedback.services.moves import assignable_bodies
from feedback.services.news import excerpt_of
from journal.services import notify
from people.selectors import users_of_bodies
from units.scoping import scope_of

MOST_ASKED = 10
"""Bodies that may be asked at one time for one opinion."""


@transaction.atomic
def ask_support(opinion_id, *, actor, version, today, body, due_on, note=""):
    """Ask a body of the holder's branch to help; from now on its accounts read the opinion, restricted or not."""

    def change(opinion):
        _check_asked(opinion, body, due_on, actor, today)

    opinion = move(opinion_id, Verb.ASK_SUPPORT, actor=actor, version=version, today=today, note=note, change=change)
    Support.objects.create(
        opinion=opinion,
        body=body,
        request=clean_text(note),
        due_on=due_on,
        asked_on=today,
        asked_by_id=actor.pk,
    )
    _tell_body(opinion, body.pk, f"Đề nghị phối hợp, hạn {due_on:%d/%m/%Y}", actor, today)
    return opinion


@transaction.atomic
def reply_support(support_id, *, actor, version, today, note=""):
    """The asked body says its part; the holder and the lead body are told."""
    support = _locked(support_id, version, actor)
    if support.body_id not in scope_of(actor).body_ids(writing=True):
        raise NotAllowed("Chỉ cơ quan được đề nghị phối hợp mới trả lời được.")
    opinion = move(support.opinion_id, Verb.REPLY_SUPPORT, actor=actor, version=None, today=today, note=note)
    support.reply, support.replied_on = clean_text(note), today
    _save(support, "reply", "replied_on")
    return opinion


@transaction.atomic
def withdraw_support(support_id, *, actor, version, today, note=""):
    """The holder asks no longer; the body does not see the opinion any more."""
    support = _locked(support_id, version, actor)
    opinion = move(support.opinion_id, Verb.WITHDRAW_SUPPORT, actor=actor, version=None, today=today, note=note)
    support.withdrawn_on = today
    _save(support, "withdrawn_on")
    _tell_body(opinion, support.body_id, "Thôi đề nghị phối hợp", actor, today, is_gone=True)
    return opinion


def supports_of(opinion, user):
    """What was asked and not withdrawn, with what the user may do; an asked body reads the others' parts, too."""
    bodies = scope_of(user).body_ids(writing=True)
    rows = list(opinion.supports.filter(withdrawn_on=None).select_related("body"))
    for row in rows:
        row.is_own = row.body_id in bodies
    return rows


def _check_asked(opinion, body, due_on, actor, today):
    if body is None or not assignable_bodies(actor, opinion, today).filter(pk=body.pk).exists():
        raise DomainError("Chọn cơ quan của đơn vị đang giữ ý kiến hoặc của đơn vị trực thuộc.", "body")
    if body.pk == opinion.body_id:
        raise DomainError("Cơ quan này đang chủ trì giải quyết. Chọn cơ quan khác để phối hợp.", "body")
    if due_on is None or due_on < today:
        raise DomainError("Nhập hạn phối hợp từ hôm nay trở đi, dạng ngày/tháng/năm.", "due_on")
    pending = list(opinion.supports.filter(withdrawn_on=None, replied_on=None).values_list("body_id", flat=True))
    if body.pk in pending:
        raise DomainError("Đã đề nghị cơ quan này phối hợp và đang chờ trả lời.", "body")
    if len(pending) >= MOST_ASKED:
        raise DomainError(f"Đang chờ {MOST_ASKED} cơ quan phối hợp. Chờ trả lời hoặc thôi đề nghị bớt.", "body")


def _locked(support_id, version, actor):
    """The row, locked after its opinion, as every move does it."""
    opinion_id = Support.objects.filter(pk=support_id).values_list("opinion_id", flat=True).first()
    if locked(actor).filter(pk=opinion_id).first() is None:
        raise NotAllowed("Không tìm thấy đề nghị phối hợp này.")
    support = Support.objects.select_for_update(of=("self",)).get(pk=support_id)
    if support.version != version or support.replied_on or support.withdrawn_on:
        raise Conflict("Đề nghị phối hợp vừa được trả lời hoặc đã thôi. Xem lại rồi thực hiện nếu vẫn cần.")
    return support


def _save(support, *names):
    support.version += 1
    support.save(update_fields=[*names, "version"])


def _tell_body(opinion, body_id, words, actor, today, is_gone=False):
    """One notice to the accounts of a body; one that is asked no longer is told the number alone."""
    name = f"ý kiến số YK-{opinion.pk}" if is_gone else excerpt_of(opinion.pk, opinion.text, opinion.visibility)
    users = [pk for pk in users_of_bodies([body_id], today).get(body_id, ()) if pk != actor.pk]
    key, url = f"opinion-{opinion.pk}-{opinion.version}", reverse("opinion_detail", args=[opinion.pk])
    notify(users, key=key, text=f"{words}: {name}", url=url)
