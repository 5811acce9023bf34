"""What the page of one opinion says of its clocks and of the steps on its way, in prepared words."""

from django.urls import reverse

from core.display import day_text
from feedback.access import (
    ABOVE,
    answers_for,
    may_attach,
    may_edit,
    may_hide_speaker,
    may_name_readers,
    shows_speaker,
    speaker_words,
    works_at,
)
from feedback.desk.reads import OPENED, Desk
from feedback.enums import ANSWERED, ExtensionKind, ExtensionState, Satisfaction, Verb
from feedback.initiatives.reads import initiative_panel
from feedback.matching.reads import way_back
from feedback.matters.reads import board_panel, matter_panel
from feedback.models import Follower, Opinion
from feedback.page.forms import form_for, open_verbs
from feedback.reads import due_words, first_day_words, is_wrong_level, lateness_words, origin_of, page_parts, tone_of
from feedback.rules import NEEDS_NOTE, SUPPORT_VERBS, is_receipt_overdue, sounds_like_complaint
from feedback.thread.moves import proposal_of
from feedback.thread.news import FOLLOW, MUTE, USUAL, comment_labels
from feedback.thread.readers import ACCEPTED, file_rows, named_readers, posts_to_name
from feedback.thread.steps import supports_of, who_agrees
from meetings.models import Meeting
from units.scoping import scope_of

EXTENSION_TONES = {ExtensionState.PENDING: "waiting", ExtensionState.GRANTED: "done", ExtensionState.REFUSED: "late"}


def course_of(opinion, today, is_office):
    """{"clocks": [{label, text, tone, word}], "steps": […], "extensions": […]}; empty lists show nothing."""
    rows = opinion.extensions.all() if is_office else opinion.extensions.filter(state=ExtensionState.GRANTED)
    return {
        "clocks": [*_clocks(opinion, today)],
        "steps": [_step(row, today) for row in opinion.milestones.all()],
        "extensions": [_extension(row, today) for row in rows],
    }


def _clocks(opinion, today):
    if opinion.receipt_due_on:
        yield _receipt(opinion, today)
    if opinion.waiting_from:
        days = (today - opinion.waiting_from).days
        text = f"từ {day_text(opinion.waiting_from)} ({days} ngày); hạn của cấp dưới tạm dừng"
        yield {"label": "Chờ cấp trên", "text": text}
    elif opinion.waited_days:
        yield {"label": "Đã chờ cấp trên", "text": f"{opinion.waited_days} ngày"}
    if opinion.review_on:
        tone, word = ("late", "Đến kỳ rà soát") if opinion.review_on <= today else ("", "")
        yield {"label": "Rà soát kế hoạch", "text": day_text(opinion.review_on), "tone": tone, "word": word}
    if opinion.shown_above_on:
        text = f"từ {day_text(opinion.shown_above_on)}"
        yield {"label": "Trình cấp trên xem xét", "text": text, "tone": "late", "word": "Quá hạn"}
    if opinion.dissatisfied_count:
        yield {"label": "Chưa hài lòng", "text": f"{opinion.dissatisfied_count} lần"}
    if opinion.is_open:
        yield {"label": "Từ khi nêu", "text": f"{(today - opinion.raised_on).days} ngày"}


def _receipt(opinion, today):
    if opinion.receipted_on:
        late = opinion.receipted_on > opinion.receipt_due_on
        text = f"{day_text(opinion.receipted_on)}{', muộn' if late else ''}"
        return {"label": "Thông báo tiếp nhận", "text": text}
    facts = (opinion.status, opinion.receipt_due_on, opinion.receipted_on)
    late = is_receipt_overdue(*facts, today)
    tone, word = ("late", "Chưa tiếp nhận, quá hạn") if late else ("waiting", "Chờ tiếp nhận")
    return {"label": "Hạn tiếp nhận", "text": day_text(opinion.receipt_due_on), "tone": tone, "word": word}


def _step(row, today):
    late = row.done_on is None and row.due_on is not None and row.due_on < today
    if row.done_on:
        word, tone = f"Xong {day_text(row.done_on)}", "done"
    elif row.due_on:
        word, tone = f"Hạn {day_text(row.due_on)}", "late" if late else "progress"
    else:
        word, tone = "Chưa xong", "progress"
    return {"text": row.text, "word": word, "tone": tone}


def _extension(row, today):
    waits = row.state == ExtensionState.PENDING and row.holder_id is not None
    who = f"{row.asked_by_name}, {day_text(row.asked_on)}" if row.asked_by_name else ""
    return {
        "days": f"{day_text(row.old_due_on)} → {day_text(row.new_due_on)}",
        "kind": ExtensionKind(row.kind).label,
        "who": who,
        "agreed": f"{row.decided_by_name}, {day_text(row.decided_at)}" if row.decided_by_name else "",
        "reason": row.reason,
        "word": f"Chờ {who_agrees(row, today)} đồng ý" if waits else ExtensionState(row.state).label,
        "tone": EXTENSION_TONES[row.state],
        "note": row.decision_note,
    }


def proposal_to_reopen(opinion, verbs, objecting=()):
    """After the first "chưa hài lòng", also of somebody merged into it, the page offers to take the matter up again."""
    return Verb.REOPEN in verbs and (opinion.satisfaction == Satisfaction.NOT or bool(objecting))


def helping_context(opinion, user, today, verbs):
    """Nothing of it is for the village that raised the matter."""
    if not (scope_of(user).content_grants or scope_of(user).body_ids()):
        return {}
    proposal = proposal_of(opinion, today)
    return {
        "supports": _support_rows(opinion, user, today, verbs),
        "proposal": proposal,
        "may_accept": proposal is not None and Verb.ASSIGN in verbs,
        **page_parts(opinion, user, today),
    }


def _support_rows(opinion, user, today, verbs):
    """Late ones are named late while the opinion is open."""
    rows = supports_of(opinion, user)
    for row in rows:
        waits = opinion.is_open and row.replied_on is None
        row.is_late = waits and row.due_on < today
        row.may_reply = waits and row.is_own
        row.may_withdraw = waits and Verb.ASK_SUPPORT in verbs
    return rows


_CARRIED = {Verb.ESCALATE, Verb.TRANSFER, Verb.RETURN, Verb.HAND_OVER}
_INWARD = {
    *(Verb.COMMENT, Verb.EDIT, Verb.ASK_EXTENSION, Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION),
    *(Verb.DISCLAIM, Verb.OBJECT, *SUPPORT_VERBS),
}
"""Steps that offices write to each other; the village does not read them."""

_OWN_NEWS = {Verb.CONFIRM, Verb.RECEIPT, Verb.FOLLOW_UP, Verb.SPREAD, Verb.COMMEND}
_TOLD = {*NEEDS_NOTE, *_OWN_NEWS} - _INWARD - {Verb.ESCALATE, Verb.TRANSFER, Verb.RETURN, Verb.UNASSIGN}
"""Steps whose words are meant for those who raised the matter."""

_CLOCKED = {
    *(Verb.ASSIGN, Verb.ESCALATE, Verb.TRANSFER, Verb.RETURN, Verb.REOPEN),
    *(Verb.EXTEND, Verb.GRANT_EXTENSION, Verb.UNMERGE),
}


def detail_context(opinion, user, today, query, bound=None):
    """`bound`: a refused form, shown first with what was typed and the version of now."""
    desk = Desk(query, user, today)
    opened = query.get(OPENED, "")
    before, after = desk.neighbours(opinion) if desk.is_valid else (None, None)
    due, due_tone = due_words(vars(opinion), today) if opinion.is_open else ("", "")
    verbs, objecting = open_verbs(user, opinion, today), _objecting(opinion, user)
    if bound is not None:
        bound = _renewed(bound, opinion)
    return {
        "opinion": opinion,
        "due": due,
        "due_tone": due_tone,
        "first_day": first_day_words(vars(opinion)),
        "lateness": lateness_words(vars(opinion), today),
        "due_label": "Hạn giải quyết" if opinion.has_deadline else "Ngày cần xem xét",
        "tone": tone_of(opinion.status),
        "is_wrong_level": is_wrong_level(opinion.level, opinion.competence),
        "way_back": way_back(opinion, user, today, verbs),
        "answering": opinion.answering,
        "shared_master": opinion.shared_master,
        "objecting": objecting,
        "meeting": _visible_meeting(opinion, user),
        "origin": origin_of(opinion, user),
        "thread": _thread(opinion, user),
        "course": course_of(opinion, today, _is_office(user)),
        "proposes_reopening": proposal_to_reopen(opinion, verbs, objecting) and bound is None,
        "duplicates": _duplicates(opinion, user),
        "master": _visible_master(opinion, user),
        "matter": matter_panel(opinion, user),
        "board_points": board_panel(opinion),
        "initiative": initiative_panel(opinion, user, today),
        **helping_context(opinion, user, today, verbs),
        "acts": [_act(verb, opinion, user, today, opened) for verb in verbs if bound is None or verb != bound.verb],
        "bound": bound,
        "bound_action": reverse(f"opinion_{bound.verb.value}", args=[opinion.pk]) if bound else "",
        "bound_is_open": bound is not None and bound.verb in verbs,
        "may_edit": opinion.meeting_id is not None and may_edit(user, opinion),
        "queue_url": reverse("opinion_list") + desk.kept,
        "prev_url": _neighbour(before, desk),
        "next_url": _neighbour(after, desk),
        "kept": desk.kept,
        "today": today,
    }


def _renewed(form, opinion):
    """The refused form with its typed text and errors, but with the version the user sees now."""
    form.data = form.data.copy()
    form.data["version"] = str(opinion.version)
    return form


def _act(verb, opinion, user, today, opened):
    form = form_for(verb, opinion=opinion, user=user, today=today)
    url = reverse(f"opinion_{verb.value}", args=[opinion.pk])
    return {"verb": verb.value, "label": Verb(verb).label, "form": form, "url": url, "is_open": verb.value == opened}


def _thread(opinion, user):
    """Every step; the village that raised it reads the steps and the answers, not what offices wrote to each other."""
    moves = opinion.moves.select_related("holder", "body").order_by("at", "pk")
    is_office = _is_office(user)
    if not is_office:
        moves = moves.exclude(verb__in=_INWARD)
    labels = comment_labels(moves)
    return [
        {
            "at": move.at,
            "label": labels.get(move.pk) or move.get_verb_display(),
            "actor": move.actor_name,
            "note": _note_for(move, opinion, user) if is_office or move.verb in _TOLD else "",
            "body": move.body.name if move.body and move.verb in (Verb.ASSIGN, Verb.DISCLAIM) else "",
            "holder": move.holder.name if move.holder and move.verb in _CARRIED else "",
            "due_on": move.due_on if move.verb in _CLOCKED else None,
            "after": move.get_after_display() if move.after != move.before else "",
        }
        for move in moves
    ]


def _note_for(move, opinion, user):
    """What somebody else's village said of the answer is for those who gave it and those above; else its number."""
    if move.verb != Verb.OBJECT:
        return move.note
    gave = works_at(user, opinion.holder_id) or answers_for(user, opinion) or scope_of(user).may(ABOVE, opinion)
    return move.note if gave else move.note.partition(":")[0]


def _is_office(user):
    """Is this somebody who works on opinions, not the village that raised them?"""
    return bool(scope_of(user).content_grants or scope_of(user).body_ids())


def _visible_meeting(opinion, user):
    """The meeting, for those who may open it: an answering body may not."""
    if opinion.meeting_id is None or not scope_of(user).content_grants:
        return None
    return Meeting.objects.visible_to(user).filter(pk=opinion.meeting_id).first()


def _duplicates(opinion, user):
    return list(Opinion.objects.visible_to(user).filter(master=opinion).values("pk", "unit__name")[:50])


def _objecting(opinion, user):
    """Numbers of those merged into it who are not satisfied with its answer."""
    if opinion.status not in ANSWERED or not _is_office(user):
        return []
    return list(opinion.duplicates.filter(satisfaction=Satisfaction.NOT).order_by("pk").values_list("pk", flat=True))


def _visible_master(opinion, user):
    if opinion.master_id is None:
        return None
    return Opinion.objects.visible_to(user).filter(pk=opinion.master_id).first()


def _neighbour(pk, desk):
    return reverse("opinion_detail", args=[pk]) + desk.kept if pk else ""


FOLLOW_WORDS = {
    FOLLOW: "Đồng chí đang theo dõi: có diễn biến là có thông báo.",
    MUTE: "Đồng chí đã tắt thông báo về ý kiến này.",
    USUAL: "Đồng chí nhận thông báo theo nhiệm vụ được giao.",
}
FOLLOW_ACTS = {FOLLOW: "Theo dõi", MUTE: "Tắt thông báo", USUAL: "Như mặc định"}


def beside_context(opinion, user, today):
    return {
        "speaker": speaker_words(user, opinion),
        "is_named": shows_speaker(user, opinion) and bool(opinion.raised_by_name),
        "may_hide_speaker": may_hide_speaker(user, opinion),
        "readers": _readers(opinion, user, today),
        "files": file_rows(opinion, user),
        "may_attach": may_attach(user, opinion),
        "accepted": ACCEPTED,
        "follow": _follow(opinion, user),
        "looks_like_complaint": opinion.is_open and sounds_like_complaint(opinion.text),
    }


def _readers(opinion, user, today):
    """The panel of those who may open a restricted opinion to others; None for everybody else."""
    if not may_name_readers(user, opinion):
        return None
    named = named_readers(opinion, today)
    known = {reader.post_id for reader in named}
    posts = [post for post in posts_to_name(opinion, today) if post.pk not in known]
    return {
        "named": [(reader.post_id, _post_words(reader.post)) for reader in named],
        "choices": [(post.pk, _post_words(post)) for post in posts],
    }


def _post_words(post):
    return f"{post.person.name}, {post.full_title}"


def _follow(opinion, user):
    row = Follower.objects.filter(opinion=opinion, user=user).first()
    state = USUAL if row is None else MUTE if row.is_muted else FOLLOW
    acts = [{"choice": choice, "label": label} for choice, label in FOLLOW_ACTS.items() if choice != state]
    return {"words": FOLLOW_WORDS[state], "acts": acts}
