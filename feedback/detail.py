"""What the page of one opinion shows: facts, clock, thread, the acts that are open, its neighbours in the queue."""

from django.urls import reverse

from feedback.access import ABOVE, answers_for, may_edit, works_at
from feedback.course import course_of, proposal_to_reopen
from feedback.desk import OPENED, Desk
from feedback.enums import ANSWERED, Satisfaction, Verb
from feedback.forms.moves import form_for, open_verbs
from feedback.helping import helping_context
from feedback.initiatives import initiative_panel
from feedback.instructions import comment_labels
from feedback.matters import board_panel, matter_panel
from feedback.models import Opinion
from feedback.origins import origin_of
from feedback.rows import due_words, first_day_words, is_wrong_level, lateness_words, tone_of
from feedback.rules import NEEDS_NOTE, SUPPORT_VERBS
from feedback.wrong_level import way_back
from meetings.models import Meeting
from units.scoping import scope_of

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
