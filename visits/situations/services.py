"""Situations: written down with who knew when, mended, handled, closed, reopened."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.text import clean_name, clean_text, fold
from feedback.rules import check_content
from journal.services import notify
from people.reads import title_of, users_with_roles
from units.closed import check_open
from units.models import Unit
from units.reads import place_on
from visits.enums import Knower, SituationState
from visits.models import Explanation, Knowing, Situation
from visits.situations.access import (
    EXPLANATION_REVIEWERS,
    may_edit_situation,
    may_explain,
    may_handle_situation,
    may_record_situation,
    may_review_explanation,
)
from visits.situations.reads import assigned_at, levels_before
from visits.situations.rules import check_knowings, check_move, check_steps

STALE = overtaken("Sự việc này")
KEEPERS_ONLY = "Chỉ đơn vị quản lý địa bàn được ghi việc xử lý và người phụ trách."


@dataclass(frozen=True)
class SituationFacts:
    """What happened where and when. `knowings`: (knower, moment, from whom), each knower once."""

    unit: Unit
    title: str
    account: str
    happened_at: datetime
    knowings: tuple = ()
    reported_at: datetime | None = None
    reported_to: str = ""


@transaction.atomic
def record_situation(facts, *, actor, request_id=None, now):
    """A new situation; the responsible cadre is whoever was assigned there on the day, and is told if others knew
    first. Replaying a `request_id` gives the first one back.
    """
    known = Situation.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    situation = Situation(created_by_id=actor.pk, request_id=request_id, state=SituationState.OPEN)
    assigned = _fill(situation, facts, now)
    if not may_record_situation(actor, situation, assigned):
        raise NotAllowed("Đồng chí chỉ ghi sự việc ở địa bàn mình quản lý hoặc được phân công phụ trách.", "unit")
    _answer_for(situation, assigned[0] if assigned else None)
    situation.save()
    _note_knowings(situation, facts, actor, now)
    record(actor.pk, "situation.create", situation, after=summary_of(situation))
    _tell_responsible(situation)
    return situation


@transaction.atomic
def edit_situation(situation_id, facts, *, actor, version, now):
    """Mend what was written while the situation is not closed; the log keeps the times before and after."""
    situation = locked_situation(situation_id, actor)
    if not may_edit_situation(actor, situation):
        raise NotAllowed("Chỉ người ghi và đơn vị quản lý địa bàn sửa được, khi sự việc chưa kết thúc.")
    check_version(situation, version)
    check_open(situation.unit, _day(situation.happened_at))
    before, place_before = summary_of(situation), (situation.unit_id, situation.happened_at)
    assigned = _fill(situation, facts, now)
    if place_before != (situation.unit_id, situation.happened_at):
        if not may_record_situation(actor, situation, assigned):
            raise NotAllowed("Nơi xảy ra mới nằm ngoài địa bàn của đồng chí. Chọn lại nơi xảy ra.", "unit")
        held = [each for each in assigned if each.person_id == situation.responsible_id]
        _answer_for(situation, (held or assigned or [None])[0])
    _save(situation, actor, "situation.edit", before, lambda: _note_knowings(situation, facts, actor, now))
    _tell_responsible(situation)
    return situation


@transaction.atomic
def choose_responsible(situation_id, assignment_id, *, actor, version, now):
    """Another of those who were assigned to the place on the day answers for it."""
    situation = _handled(situation_id, actor, version)
    place = place_on(situation.unit, _day(situation.happened_at))
    chosen = [each for each in assigned_at(place, _day(situation.happened_at)) if each.pk == assignment_id]
    if not chosen:
        raise DomainError("Người này không được phân công phụ trách nơi xảy ra vào ngày đó. Chọn lại.", "assignment")
    before = summary_of(situation)
    _answer_for(situation, chosen[0])
    _save(situation, actor, "situation.set_responsible", before)
    _tell_responsible(situation)
    return situation


@transaction.atomic
def begin_handling(situation_id, *, actor, version, handling_at, now):
    situation = _handled(situation_id, actor, version)
    return _move(situation, SituationState.HANDLING, actor, now, handling_at=handling_at)


@transaction.atomic
def close_situation(situation_id, *, actor, version, closed_at, outcome, now):
    situation = _handled(situation_id, actor, version)
    outcome = checked_text(outcome, "outcome", "Ghi kết quả xử lý, một hai câu là đủ.")
    return _move(situation, SituationState.CLOSED, actor, now, closed_at=closed_at, outcome=outcome, reopened_for="")


@transaction.atomic
def reopen_situation(situation_id, *, actor, version, reason, now):
    """What was written as the outcome stays until it is closed again."""
    situation = _handled(situation_id, actor, version)
    if situation.state != SituationState.CLOSED:
        raise DomainError("Sự việc chưa kết thúc nên không cần mở lại. Tải lại trang để xem trạng thái mới nhất.")
    reason = checked_text(clean_name(reason)[:500], "reason", "Nhập lý do mở lại trước khi lưu.")
    return _move(situation, SituationState.HANDLING, actor, now, closed_at=None, reopened_for=reason)


def _move(situation, after, actor, now, **fields):
    """The one door between states: map of moves, order of times, row, activity log. The caller holds the lock."""
    check_move(situation.state, after)
    for moment in filter(None, (fields.get("handling_at"), fields.get("closed_at"))):
        check_open(situation.unit, _day(moment))
    before = summary_of(situation)
    situation.state = after
    for name, value in fields.items():
        setattr(situation, name, value)
    _check_steps(situation, min(knowing.known_at for knowing in situation.knowings.all()), now)
    _save(situation, actor, f"situation.{after}", before)
    return situation


def _handled(situation_id, actor, version):
    situation = locked_situation(situation_id, actor)
    if not may_handle_situation(actor, situation):
        raise NotAllowed(KEEPERS_ONLY)
    check_version(situation, version)
    return situation


def locked_situation(situation_id, actor):
    """The situation, locked; what is not in the actor's scope is refused."""
    rows = Situation.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    situation = rows.filter(pk=situation_id).first()
    if situation is None:
        raise NotAllowed("Không có sự việc này trong phạm vi của đồng chí. Quay lại danh sách tình hình.")
    return situation


def check_version(row, version):
    if version != row.version:
        raise Conflict(STALE)


def _save(situation, actor, verb, before, also=lambda: None):
    situation.version += 1
    situation.save()
    also()
    record(actor.pk, verb, situation, before=before, after=summary_of(situation))


def _fill(situation, facts, now):
    """Check and copy what was typed; returns the assignments that covered the place on the day."""
    facts = _cleaned(facts)
    check_open(facts.unit, _day(facts.happened_at), field="happened_on")
    place = place_on(facts.unit, _day(facts.happened_at))
    if place.commune_id is None:
        raise DomainError("Chọn xã, phường hoặc thôn, khu nơi xảy ra; không chọn cấp huyện, cấp tỉnh.", "unit")
    knowings = {knower: known_at for knower, known_at, _ in facts.knowings}
    check_knowings(knowings, facts.happened_at, now)
    if Knower.DISTRICT in knowings and place.district_id is None:
        raise DomainError("Nơi này không có cấp huyện vào ngày đó. Bỏ trống dòng “Cấp huyện”.", "district_on")
    for name in ("unit", "title", "account", "happened_at", "reported_at", "reported_to"):
        setattr(situation, name, getattr(facts, name))
    _check_steps(situation, min(knowings.values()), now)
    for name, value in place.columns.items():
        setattr(situation, name, value)
    situation.village_id, situation.level = place.village_id, facts.unit.level
    situation.search_text = fold(f"{facts.title} {facts.account} {facts.unit.name}")
    return assigned_at(place, _day(facts.happened_at))


def _check_steps(situation, first_known, now):
    check_steps(first_known, situation.reported_at, situation.handling_at, situation.closed_at, now)
    if bool(situation.reported_at) != bool(situation.reported_to):
        field = "reported_to" if situation.reported_at else "reported_on"
        raise DomainError("Ghi đủ cả thời điểm báo cáo và báo cáo với ai, hoặc bỏ trống cả hai.", field)


def _cleaned(facts):
    title = checked_text(clean_name(facts.title)[:250], "title", "Nhập tên sự việc, ngắn gọn.")
    account = checked_text(facts.account, "account", "Nhập diễn biến, một hai câu là đủ.")
    knowings = []
    for knower, known_at, source in facts.knowings:
        named = f"Ghi {Knower(knower).label.lower()} biết từ nguồn nào."
        knowings.append((knower, known_at, checked_text(clean_name(source)[:200], f"{knower}_from", named)))
    reported_to = clean_name(facts.reported_to)[:200]
    return replace(facts, title=title, account=account, knowings=tuple(knowings), reported_to=reported_to)


def checked_text(text, field, missing):
    """Free text as it is stored; nothing, or what says it is a state secret, is refused at its field."""
    text = clean_text(text)
    if not text:
        raise DomainError(missing, field)
    try:
        check_content(text)
    except DomainError as refusal:
        raise DomainError(refusal.message, field) from None
    return text


def _answer_for(situation, assignment):
    """Who answers for the place; once somebody has explained, it stays theirs."""
    person_id = assignment.person_id if assignment else None
    if person_id != situation.responsible_id and Explanation.objects.filter(situation_id=situation.pk).exists():
        raise DomainError(
            f"Đồng chí {situation.responsible.name} đã giải trình về sự việc này nên không đổi người phụ trách nữa.",
            "unit",
        )
    situation.responsible = assignment.person if assignment else None
    situation.responsible_post = assignment.post if assignment else None


def _note_knowings(situation, facts, actor, now):
    """Rows that changed bear the name of whoever changed them; the others keep theirs."""
    held = {knowing.knower: knowing for knowing in situation.knowings.all()}
    name = title_of(actor, _day(now))[:200]
    for knower, known_at, source in _cleaned(facts).knowings:
        knowing = held.pop(knower, None) or Knowing(situation=situation, knower=knower)
        if (knowing.known_at, knowing.from_whom) != (known_at, source):
            knowing.known_at, knowing.from_whom = known_at, source
            knowing.noted_by_id, knowing.noted_by_name = actor.pk, name
            knowing.save()
    for gone in held.values():
        gone.delete()


def _tell_responsible(situation):
    """Told once that they may explain, when a level above knew first."""
    if not levels_before(situation, situation.knowings.all()):
        return
    users = situation.responsible.users.filter(is_active=True).values_list("pk", flat=True)
    text = f"Cấp trên nắm được “{situation.title}” trước người phụ trách; đồng chí có quyền giải trình"
    key = f"situation-{situation.pk}-explain-{situation.responsible_id}"
    notify(list(users), key=key, text=text, url=situation.get_absolute_url())


def _day(moment):
    return timezone.localtime(moment).date()


def summary_of(situation):
    """Plain facts for the activity log, no text."""
    times = {name: getattr(situation, name) for name in ("happened_at", "reported_at", "handling_at", "closed_at")}
    known = situation.knowings.values_list("knower", "known_at") if situation.pk else ()
    return {
        "unit": situation.unit_id,
        "state": str(situation.state),
        "responsible": situation.responsible_id,
        "knowings": {knower: at.isoformat() for knower, at in known},
    } | {name: at.isoformat() if at else None for name, at in times.items()}


@transaction.atomic
def explain_situation(situation_id, text, *, actor, version, now):
    """Write or mend one's explanation (`version` 0: the first one); the level above is told of the first."""
    situation, explanation = _locked(situation_id, actor)
    levels = levels_before(situation, situation.knowings.all())
    if not may_explain(actor, situation, explanation, levels):
        raise NotAllowed("Chỉ người phụ trách địa bàn được giải trình, và chỉ khi cấp trên chưa cho ý kiến.")
    text = checked_text(text, "text", "Nhập nội dung giải trình.")
    is_first = explanation is None
    explanation = explanation or Explanation(situation=situation, version=0)
    check_version(explanation, version)
    explanation.text, explanation.written_at, explanation.written_by_id = text, now, actor.pk
    _save_explanation(explanation, actor, "situation.explain")
    if is_first:
        _tell_reviewers(situation, actor, timezone.localtime(now).date())
    return explanation


@transaction.atomic
def review_explanation(situation_id, text, *, actor, version, now):
    """The level above says its word, and may mend it; the cadre is told each time."""
    situation, explanation = _locked(situation_id, actor)
    if not may_review_explanation(actor, situation, explanation):
        raise NotAllowed("Chỉ cấp trên của người phụ trách được cho ý kiến về giải trình, và phải có giải trình trước.")
    text = checked_text(text, "review", "Nhập ý kiến của cấp trên.")
    check_version(explanation, version)
    explanation.review, explanation.reviewed_at, explanation.reviewed_by_id = text, now, actor.pk
    explanation.reviewed_by_name = title_of(actor, timezone.localtime(now).date())[:200]
    _save_explanation(explanation, actor, "situation.review")
    users = list(situation.responsible.users.filter(is_active=True).values_list("pk", flat=True))
    words = f"Cấp trên đã cho ý kiến về giải trình của đồng chí: {situation.title}"
    key = f"situation-{situation.pk}-reviewed-{explanation.version}"
    notify(users, key=key, text=words, url=situation.get_absolute_url())
    return explanation


def _locked(situation_id, actor):
    situation = locked_situation(situation_id, actor)
    return situation, Explanation.objects.select_for_update().filter(situation=situation).first()


def _save_explanation(explanation, actor, verb):
    explanation.version += 1
    explanation.save()
    record(actor.pk, verb, explanation.situation, after={"version": explanation.version})


def _tell_reviewers(situation, actor, today):
    unit = situation.responsible_post.unit
    roles = EXPLANATION_REVIEWERS[unit.level]
    users = users_with_roles([unit.pk], roles, today).get(unit.pk, [])
    text = f"{situation.responsible.name} gửi giải trình, chờ cấp trên cho ý kiến: {situation.title}"
    recipients = [pk for pk in users if pk != actor.pk]
    notify(recipients, key=f"situation-{situation.pk}-explained", text=text, url=situation.get_absolute_url())
