"""What bodies are asked to help with and have not answered."""

from feedback.models import Support
from units.scoping import scope_of


def asked_of(user):
    """Requests that wait for the user's bodies, while the opinion is open."""
    waiting = Support.objects.filter(replied_on=None, withdrawn_on=None, opinion__is_open=True)
    return waiting.filter(body_id__in=scope_of(user).body_ids(writing=True))


def support_tasks(user, today):
    """One line of the home page for those whose body is asked."""
    days = list(asked_of(user).values_list("due_on", flat=True))
    if not days:
        return []
    late = sum(day < today for day in days)
    return [
        {
            "title": f"{len(days)} ý kiến cần phối hợp",
            "url": "/y-kien/?phoi-hop=on",
            "hint": f"{late} đã quá hạn phối hợp" if late else f"Hạn gần nhất {min(days):%d/%m/%Y}",
            "word": "Quá hạn" if late else "",
            "tone": "late" if late else "",
            "action_label": "Trả lời",
        }
    ]
