"""The acts on a meeting's days from outside: the day of its conclusion, and another period with its opinions."""

from datetime import date

import pytest

from feedback.models import Opinion, OpinionMonth, Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from meetings.cadence.reads import refresh_occurrence
from meetings.tests.builders import make_meeting, make_occurrence, make_rule


@pytest.fixture
def october(cast):
    rule = make_rule(cast.tree.province)
    slots = [make_occurrence(rule, cast.tree.a1, f"2026-{month}") for month in ("10", "11")]
    meeting = make_meeting(cast.tree.a1, date(2026, 10, 31), slots[0], conclusion_due_on=date(2026, 11, 6))
    refresh_occurrence(slots[0])
    drafts = [OpinionDraft(text="Đèn đường hỏng", topic_id=Topic.objects.get(code="POWER").pk)]
    record_opinions(meeting=meeting, drafts=drafts, actor=cast.commune, today=date(2026, 11, 1))
    return meeting, slots


def test_the_day_of_the_conclusion(cast, signed_in, october):
    meeting, _ = october
    url, officer = meeting.get_absolute_url(), signed_in(cast.commune)
    assert "Đã ra thông báo kết luận" in officer.get(url).content.decode()
    for typed, words in (("30/10/2026", "trở đi"), ("hôm qua", "ngày/tháng/năm"), ("01/01/2027", "tương lai")):
        refused = officer.post(url + "ra-ket-luan/", {"on": typed, "version": meeting.version})
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert f'value="{typed}"' in refused.content.decode()
    assert officer.post(url + "ra-ket-luan/", {"on": "05/11/2026", "version": meeting.version}).status_code == 302
    page = officer.get(url).content.decode()
    assert "05/11/2026" in page
    assert "Sửa ngày ra thông báo kết luận" in page
    assert officer.post(url + "ra-ket-luan/", {"on": "", "version": meeting.version}).status_code == 409
    assert signed_in(cast.leader).post(url + "ra-ket-luan/", {"on": "", "version": 9}).status_code == 403
    assert signed_in(cast.other_commune).post(url + "ra-ket-luan/", {"on": "", "version": 9}).status_code == 404


def test_another_period_takes_the_opinions_along(cast, signed_in, october):
    meeting, (_, target) = october
    url, officer = meeting.get_absolute_url(), signed_in(cast.commune)
    assert "Tháng 11/2026" in officer.get(url).content.decode()
    refused = officer.post(url + "chuyen-ky/", {"version": meeting.version})
    assert refused.status_code == 422
    assert "Chọn kỳ." in refused.content.decode()
    assert signed_in(cast.leader).post(url + "chuyen-ky/", {"occurrence": target.pk, "version": 1}).status_code == 403
    assert officer.post(url + "chuyen-ky/", {"occurrence": target.pk, "version": meeting.version}).status_code == 302
    opinion = Opinion.objects.get()
    assert (opinion.year, opinion.month, opinion.period_first) == (2026, 11, date(2026, 11, 1))
    assert list(OpinionMonth.objects.values_list("month", "received")) == [(11, 1)]
    target.refresh_from_db()
    assert target.met_on == date(2026, 10, 31)
