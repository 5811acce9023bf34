"""The responsible cadre's right to be heard, and the word of the level above."""

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import NotAllowed
from journal.services import notify
from people.selectors import title_of, users_with_roles
from visits.models import Explanation
from visits.services.situations import check_version, checked_text, locked_situation
from visits.situations.access import EXPLANATION_REVIEWERS, may_explain, may_review_explanation
from visits.situations.responsible import levels_before


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
    _save(explanation, actor, "situation.explain")
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
    _save(explanation, actor, "situation.review")
    users = list(situation.responsible.users.filter(is_active=True).values_list("pk", flat=True))
    words = f"Cấp trên đã cho ý kiến về giải trình của đồng chí: {situation.title}"
    key = f"situation-{situation.pk}-reviewed-{explanation.version}"
    notify(users, key=key, text=words, url=situation.get_absolute_url())
    return explanation


def _locked(situation_id, actor):
    situation = locked_situation(situation_id, actor)
    return situation, Explanation.objects.select_for_update().filter(situation=situation).first()


def _save(explanation, actor, verb):
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
