"""What situations ask of one person: an explanation of their own, or a word on the explanations of others."""

from django.db.models import Q
from django.urls import reverse

from units.enums import LEVEL_ORDER
from visits.models import Situation
from visits.situations.access import EXPLANATION_REVIEWERS
from visits.situations.filters import WAITING

MOST = 5


def situation_tasks(user):
    """Rows of the task list; two queries."""
    return [*_to_explain(user), *_to_review(user)]


def _to_explain(user):
    rows = Situation.objects.visible_to(user).filter(responsible_id=user.person_id, explanation=None)
    return [
        {
            "title": situation.title,
            "url": f"{situation.get_absolute_url()}#giai-trinh",
            "hint": "Cấp trên biết trước người phụ trách; đồng chí có quyền giải trình",
            "word": "Chưa giải trình",
            "tone": "waiting",
            "action_label": "Giải trình",
        }
        for situation in rows.known_above_first().order_by("happened_at", "pk")[:MOST]
    ]


def _to_review(user):
    """Explanations without a word yet, of cadres whose branch or level below the user keeps."""
    mine = Q(pk__in=[])
    for grant in user.scope.grants:
        if grant.writes and grant.role in EXPLANATION_REVIEWERS.get(grant.level, ()):
            below = LEVEL_ORDER[LEVEL_ORDER.index(grant.level) :]
            branch = Q(**{f"{grant.level}_id__in": grant.unit_ids})
            mine |= branch & Q(responsible_post__unit__level__in=below)
    waiting = Situation.objects.filter(mine, explanation__isnull=False, explanation__reviewed_at=None)
    number = waiting.exclude(responsible_id=user.person_id).count()
    if not number:
        return []
    return [
        {
            "title": f"{number} giải trình chờ cấp trên cho ý kiến",
            "url": f"{reverse('situation_review')}?giai-trinh={WAITING}",
            "hint": "Sự việc cấp trên biết trước người phụ trách",
            "word": "Chờ cho ý kiến",
            "tone": "waiting",
            "action_label": "Xem",
        }
    ]
