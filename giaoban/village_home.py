"""What waits for a village's account: answers to weigh, what it gathers for the next meeting, visits to confirm."""

from django.urls import reverse

from feedback.access import may_confirm
from feedback.models import BasketItem
from feedback.readback import CHOICES, unheard_answers
from feedback.rows import tone_of, word_of
from visits.enums import VisitStatus
from visits.models import Visit

ANSWERS = 6


def village_home(user, today):
    """{"answers", "answer_count", "tasks"} in a fixed number of queries."""
    found = unheard_answers(user, today)
    waiting = BasketItem.objects.visible_to(user).waiting().count()
    return {
        "answers": [_answer(opinion, user) for opinion in found[:ANSWERS]],
        "answer_count": found.count(),
        "tasks": [_basket_task(waiting), *_visit_tasks(user)] if user.scope.village_ids(writing=True) else [],
    }


def _visit_tasks(user):
    """Visits to the village that nobody has confirmed; not those of the account's own holder."""
    visits = Visit.objects.visible_to(user).filter(village_id__in=user.scope.village_ids(writing=True))
    number = visits.filter(status=VisitStatus.LOGGED).exclude(person_id=user.person_id).count()
    if not number:
        return []
    return [
        {
            "title": f"{number} lượt cán bộ về thôn, khu chờ xác nhận",
            "url": f"{reverse('visit_list')}?trang-thai={VisitStatus.LOGGED}",
            "hint": "Xác nhận đúng có đến, hoặc đề nghị người đi xem lại.",
            "word": VisitStatus.LOGGED.label,
            "tone": "waiting",
            "action_label": "Xác nhận",
        }
    ]


def _answer(opinion, user):
    answering = opinion.answering
    return {
        "opinion": opinion,
        "answer": answering.answer,
        "answered_on": answering.settled_on,
        "word": word_of(answering.status),
        "tone": tone_of(answering.status),
        "may_say": may_confirm(user, opinion),
        "choices": CHOICES,
    }


def _basket_task(waiting):
    return {
        "title": "Ý kiến của thôn, khu cho hội nghị giao ban kế tiếp",
        "url": reverse("basket_list"),
        "hint": "Ghi trước để hội nghị có sẵn, không phải nêu lại từ đầu.",
        "word": f"Đã gửi {waiting} ý kiến" if waiting else "Chưa gửi ý kiến",
        "tone": "progress" if waiting else "waiting",
        "action_label": "Gửi ý kiến",
    }
