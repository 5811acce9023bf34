"""How an opinion's page names the visit it was heard on."""

from core.display import day_text
from visits.models import Visit


def visit_origin(visit_id, user):
    """The visit, for those who read its whole record; a village's own account is not led from one to the other."""
    visit = Visit.objects.read_whole_by(user).filter(pk=visit_id).select_related("person").first()
    if visit is None:
        return None
    return {
        "label": f"Lượt đi cơ sở ngày {day_text(visit.visited_on)} của {visit.person.name}",
        "url": visit.get_absolute_url(),
    }
