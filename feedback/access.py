"""Who may do what with an opinion. Buttons and services ask the same sentences.

Every predicate supposes that the actor sees the opinion (`visible_to`); services fetch through it.
"""

from feedback.enums import LEDGER_KEEPERS, BasketState, Competence, OpinionStatus, Verb
from feedback.models import Opinion, Support
from feedback.rules import sounds_like_complaint
from meetings.access import BOARD_STAFF, ISSUERS
from units.enums import LEVEL_ORDER, Level
from units.models import UnitLineage
from units.scoping import scope_of

STAFF = {
    "commune": {"commune", "commune_leader"},
    "district": {"district", "leader", "specialist"},
    "province": {"specialist", "province", "province_leader"},
}
"""Who works for a unit of a level."""

DECIDERS = {
    "commune": {"commune", "commune_leader"},
    "district": {"leader"},
    "province": {"province", "province_leader"},
}
"""Who sends work away from a unit. A commune's officer writes down what its leaders decided."""

ABOVE = {"leader", "specialist", "province", "province_leader"}
"""Levels above may always say something."""

BODY_VERBS = {
    *(Verb.START, Verb.SCHEDULE, Verb.RESOLVE, Verb.EXPLAIN, Verb.ACCEPT, Verb.DECLINE),
    *(Verb.RECEIPT, Verb.REVIEW_PLAN, Verb.ADD_STEP, Verb.PROGRESS, Verb.EXTEND, Verb.ASK_EXTENSION),
}
DECIDED_VERBS = {Verb.ESCALATE, Verb.TRANSFER, Verb.RETURN, Verb.UNASSIGN}
HOLDER_VERBS = BODY_VERBS | {
    Verb.ASSIGN,
    Verb.ANSWER_ON_SPOT,
    Verb.MERGE,
    Verb.REDIRECT,
    Verb.WITHDRAW,
    Verb.REOPEN,
    Verb.UNMERGE,
    Verb.ASK_SUPPORT,
    Verb.WITHDRAW_SUPPORT,
}
EXTENSION_VERBS = {Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION}


def works_at(actor, unit_id, roles=STAFF):
    """Does the actor hold, today, one of the level's roles at this very unit (or at its heir)?"""
    return unit_id is not None and any(
        grant.writes and unit_id in grant.unit_ids and grant.role in roles.get(grant.level, ())
        for grant in scope_of(actor).grants
    )


def speaks_for(actor, opinion):
    """Is the actor an account of the village that raised it? Not of what is restricted."""
    return not opinion.is_restricted and opinion.village_id in scope_of(actor).village_ids(writing=True)


def answers_for(actor, opinion):
    """Is the actor an account of the body the opinion is assigned to?"""
    return opinion.body_id is not None and opinion.body_id in scope_of(actor).body_ids(writing=True)


def helps_with(actor, opinion):
    """Is the actor an account of a body that was asked to help with it, and still is?"""
    bodies = scope_of(actor).body_ids(writing=True)
    return (
        bool(bodies) and Support.objects.filter(opinion_id=opinion.pk, body_id__in=bodies, withdrawn_on=None).exists()
    )


def may_disclaim(actor, opinion):
    """The body it was given to; before any has it, those who decide at its holder, who then say whose it is."""
    if opinion.body_id is not None:
        return answers_for(actor, opinion)
    return works_at(actor, opinion.holder_id, DECIDERS)


def may_record(actor, meeting):
    return not meeting.is_locked and works_at(actor, meeting.unit_id)


def may_edit(actor, opinion):
    """The recording unit mends the text until the opinion moves or the meeting is locked."""
    if opinion.status != OpinionStatus.RECORDED or opinion.holder_id != opinion.unit_id:
        return False
    if opinion.meeting_id and opinion.meeting.is_locked:
        return False
    return works_at(actor, opinion.unit_id)


def may_confirm(actor, opinion):
    """Said by the village that raised it; or written down where it was raised, or by the commune it is about.

    Those whose matter was merged into another say it of the answer that was given to that one.
    """
    if opinion.answering is None:
        return False
    return any((works_at(actor, opinion.unit_id), works_at(actor, opinion.commune_id), speaks_for(actor, opinion)))


def may_put_in(actor, unit, village_id):
    """Into the basket of a unit's next meeting: its staff for all its villages, a village for itself at its commune."""
    speaks = unit.level == Level.COMMUNE and village_id in scope_of(actor).village_ids(writing=True)
    return speaks or works_at(actor, unit.pk)


def may_change_item(actor, item):
    """As long as it waits, by the same people."""
    return item.state == BasketState.WAITING and may_put_in(actor, item.unit, item.village_id)


def may_take_up(actor, matter, opinion, roles=STAFF):
    """Who holds a matter acts on all of it: what a lower level of its branch still holds comes up to it first."""
    is_lower = LEVEL_ORDER.index(opinion.holder.level) > LEVEL_ORDER.index(matter.level)
    branch_id = getattr(opinion, f"{matter.level}_id")
    return is_lower and works_at(actor, matter.unit_id, roles) and works_at(actor, branch_id, roles)


def may_comment(actor, opinion):
    return (
        answers_for(actor, opinion)
        or helps_with(actor, opinion)
        or scope_of(actor).may(ABOVE, opinion)
        or any(works_at(actor, unit_id) for unit_id in (opinion.holder_id, opinion.unit_id, opinion.commune_id))
    )


def is_above(actor, opinion, unit=None):
    """Does the actor speak for a level above the holder (or `unit`); for the province's own matters: its leaders?"""
    unit = unit or opinion.holder
    level = unit.level
    if level == Level.PROVINCE:
        return works_at(actor, unit.pk, DECIDERS)
    higher = LEVEL_ORDER[: LEVEL_ORDER.index(level)]
    grants = (grant for grant in scope_of(actor).grants if grant.writes and grant.level in higher)
    return any(grant.role in ABOVE and grant.covers(opinion) for grant in grants)


def may_decide_extension(actor, opinion, asked):
    """Decided above the unit that asked; a body's in time by its holder, too; nobody decides on their own."""
    if actor.pk == asked.asked_by_id:
        return False
    if is_above(actor, opinion, asked.holder):
        return True
    return not asked.needs_above and works_at(actor, opinion.holder_id, DECIDERS)


OWN_QUESTION = {
    Verb.EDIT: may_edit,
    Verb.CONFIRM: may_confirm,
    Verb.COMMENT: may_comment,
    Verb.DISCLAIM: may_disclaim,
    Verb.REPLY_SUPPORT: helps_with,
}
"""Verbs with a rule of their own."""


def may_move(actor, opinion, verb):
    """One question for every verb; the status is a matter of `rules.check_move`."""
    if verb in OWN_QUESTION:
        return OWN_QUESTION[verb](actor, opinion)
    if verb in DECIDED_VERBS:
        may_decide = works_at(actor, opinion.holder_id, DECIDERS)
        return may_decide or (verb == Verb.TRANSFER and may_send_home(actor, opinion))
    if verb in EXTENSION_VERBS:  # which of them: may_decide_extension, when it is known who asked
        return works_at(actor, opinion.holder_id, DECIDERS) or is_above(actor, opinion)
    if verb in BODY_VERBS and answers_for(actor, opinion):
        return True
    return verb in HOLDER_VERBS and works_at(actor, opinion.holder_id)


def may_send_home(actor, opinion):
    """What was raised above but is the commune's own business goes back to it by any who works at the holder:
    the officer and the Ban Dân vận, too."""
    is_theirs = opinion.competence == Competence.COMMUNE and opinion.level in (Level.DISTRICT, Level.PROVINCE)
    return is_theirs and works_at(actor, opinion.holder_id)


def units_to_assign(actor):
    """Ids of the units whose opinions the actor may hand out (for the bulk form of the desk)."""
    grants = scope_of(actor).grants
    return {pk for g in grants if g.writes and g.role in STAFF.get(g.level, ()) for pk in g.unit_ids}


def may_follow(actor, opinion):
    """Who says how far an initiative has come: the unit that holds it, recorded it, or whose village had the idea."""
    return any(works_at(actor, unit_id) for unit_id in (opinion.holder_id, opinion.unit_id, opinion.commune_id))


def may_report_spread(actor, opinion, unit, today):
    """They, and those who keep the unit that took it up or a unit above it; within the opinion's province."""
    above = UnitLineage.objects.filter(unit=unit).on(today).values_list("ancestor_id", flat=True)
    above = set(above)
    if opinion.province_id not in above:
        return False
    return may_follow(actor, opinion) or any(works_at(actor, unit_id) for unit_id in above)


def may_commend(actor, opinion):
    """Leaders, or the commune's officer who writes down what they decided; levels above, too."""
    below = any(works_at(actor, unit_id, DECIDERS) for unit_id in (opinion.holder_id, opinion.unit_id))
    return below or scope_of(actor).may(ABOVE, opinion)


def may_keep_ledgers(actor, place):
    """Books of old years come in from those who keep the meetings of the branch."""
    return scope_of(actor).may(set(LEDGER_KEEPERS), place)


def writes_letters(user):
    """Does the user issue papers of a unit?"""
    grants = user.scope.grants
    return any(grant.writes and grant.role in ISSUERS.get(grant.level, ()) for grant in grants)


def may_write_board_papers(user):
    """Is the user of a unit's Ban Dân vận?"""
    return any(grant.writes and grant.role in BOARD_STAFF.get(grant.level, ()) for grant in user.scope.grants)


UNNAMED = "(không nêu tên)"


def shows_speaker(user, opinion):
    """A speaker who asked not to be named above is known to the recording unit and to the commune it is about."""
    return not opinion.hides_speaker or may_hide_speaker(user, opinion)


def may_hide_speaker(user, opinion):
    return works_at(user, opinion.unit_id) or works_at(user, opinion.commune_id)


def speaker_words(user, opinion):
    """'Lê Thị Hoa, Trưởng thôn' as this user may read it."""
    if not shows_speaker(user, opinion):
        return UNNAMED
    return ", ".join(filter(None, (opinion.raised_by_name, opinion.raised_by_title)))


def mask_speakers(user, rows):
    """Take from dicts of values the names the user may not read; each needs hides_speaker, unit_id and commune_id."""
    known = {}
    for row in rows:
        if row["hides_speaker"]:
            place = row["unit_id"], row["commune_id"]
            if place not in known:
                known[place] = any(works_at(user, unit_id) for unit_id in place)
            if not known[place]:
                row |= {name: UNNAMED for name in ("raised_by_name", "raised_by_title") if name in row}
    return rows


def may_name_readers(user, opinion):
    """Those who decide at the unit that holds a restricted opinion open it to others by name."""
    return opinion.is_restricted and works_at(user, opinion.holder_id, DECIDERS)


def may_attach(user, opinion):
    """Those who recorded it, those who work on it, and the village that raised it."""
    works = any(works_at(user, unit_id) for unit_id in (opinion.unit_id, opinion.holder_id))
    return works or answers_for(user, opinion) or speaks_for(user, opinion)


def complaint_hint(meeting, user):
    """A sentence about recorded opinions that may be complaints or denunciations; empty when there are none."""
    recorded = Opinion.objects.visible_to(user).filter(meeting=meeting, status=OpinionStatus.RECORDED)
    rows = recorded.order_by("number", "pk").values_list("pk", "text")
    found = [f"YK-{pk}" for pk, text in rows if sounds_like_complaint(text)]
    if not found:
        return ""
    return (
        f"{', '.join(found[:10])} có dấu hiệu là khiếu nại, tố cáo. Nếu đúng, mở ý kiến và chọn “Hướng dẫn khiếu nại, "
        "tố cáo” để giữ kín tên người nêu và chuyển theo Luật Khiếu nại, Luật Tố cáo."
    )
