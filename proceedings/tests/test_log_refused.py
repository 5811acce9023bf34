"""A refused page of a meeting comes back with every tick, name and row that was sent."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import Opinion, Topic
from feedback.tests.builders import make_meeting
from meetings.services.attendance import roster_on

pytestmark = pytest.mark.django_db


def test_a_refusal_keeps_attendance_and_rows(cast, signed_in):
    today = timezone.localdate()
    meeting = make_meeting(cast.tree.a1, today, title="Hội nghị", status="planned", planned_on=today)
    away, replaced, *_ = roster_on(cast.tree.a1, today)
    village, topic = cast.tree.villages[1], Topic.objects.get(code="TRANSPORT")
    data = {
        **{"title": "Hội nghị", "held_on": "hôm qua", "form": "hall", "attendance_mode": "roster", "version": 1},
        **{f"seat-{seat.person_id}": "present" for seat in roster_on(cast.tree.a1, today)},
        **{f"seat-{away.person_id}": "excused", f"reason-{away.person_id}": "Đi viện tuyến trên"},
        **{f"seat-{replaced.person_id}": "substituted", f"substitute-{replaced.person_id}": "Ngô Văn Thay"},
        **{"guest_name": "Khách Từ Xa", "guest_duty": "Trạm Y tế"},
        **{"opinions-TOTAL_FORMS": 1, "opinions-INITIAL_FORMS": 0, "opinions-0-text": "Sửa cầu treo"},
        **{"opinions-0-village": village.pk, "opinions-0-topic": topic.pk, "opinions-0-raised_by_name": "Lê Văn Nêu"},
        **{"opinions-0-kind": "initiative", "opinions-0-answer": "Đã trả lời", "opinions-0-visibility": "internal"},
        **{"opinions-0-competence": "district", "opinions-0-channel": "written"},
    }
    answer = signed_in(cast.commune).post(reverse("meeting_log", args=[meeting.pk]), data)
    page = re.sub(r"\s+", " ", answer.content.decode())
    assert answer.status_code == 422
    for word in ("Đi viện tuyến trên", "Ngô Văn Thay", "Khách Từ Xa", "Sửa cầu treo", "Lê Văn Nêu", "Đã trả lời"):
        assert word in page, word
    for seat, value in ((away, "excused"), (replaced, "substituted")):
        assert re.search(rf'name="seat-{seat.person_id}" value="{value}" data-roster-state checked', page)
    for value in (village.pk, topic.pk, "initiative", "internal", "district", "written"):
        assert f'<option value="{value}" selected' in page, value
    assert not Opinion.objects.exists()
