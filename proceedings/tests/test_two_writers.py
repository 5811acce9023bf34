"""Two people, or two windows of one person, on the same meeting, conclusion or opinion: nothing of either is lost."""

import random
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.urls import reverse
from django.utils import timezone

from feedback.models import Opinion, Topic
from feedback.tests.builders import draft, make_meeting
from feedback.thread.recording import record_opinions
from meetings.conclusions.services import (
    AnnouncementDraft,
    TaskingDraft,
    finish_tasking,
    set_announcements,
    set_taskings,
    taskings_version,
)
from meetings.services.attendance import roster_on

pytestmark = pytest.mark.django_db


class Form(HTMLParser):
    """The fields of the page's form as a browser would send them, {name: [values]}."""

    def __init__(self, page, action=None):
        super().__init__()
        self.data, self.select, self.area, self.is_inside, self.action = {}, None, None, False, action
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name = attrs.get("name")
        if tag == "form":
            self.is_inside = attrs.get("method") == "post" and attrs.get("action") == self.action
        elif tag == "template":
            self.is_inside = False
        elif not self.is_inside:
            return
        elif tag == "input" and name and attrs.get("type") not in ("submit", "search"):
            ticks = attrs.get("type") in ("radio", "checkbox")
            if not ticks or "checked" in attrs:
                self.data.setdefault(name, []).append(attrs.get("value", "on" if ticks else ""))
        elif tag == "select":
            self.select = name
            self.data.setdefault(name, [])
        elif tag == "option" and "selected" in attrs:
            self.data[self.select].append(attrs.get("value") or "")
        elif tag == "textarea":
            self.area = name
            self.data[name] = [""]

    def handle_data(self, text):
        if self.area:
            self.data[self.area][0] += text

    def handle_endtag(self, tag):
        if tag == "textarea" and self.area:
            self.data[self.area][0] = self.data[self.area][0].removeprefix("\n")
            self.area = None
        elif tag == "form":
            self.is_inside = False
        elif tag == "template":
            self.is_inside = True


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def meeting(cast, today):
    meeting = make_meeting(cast.tree.a1, today - timedelta(days=1), title="Hội nghị", secretary="Lê Thị Ghi")
    village = cast.tree.villages[0].pk
    rows = [draft(text, village_id=village, number=number) for number, text in enumerate(("Sửa đường", "Lắp đèn"), 1)]
    record_opinions(meeting=meeting, drafts=rows, actor=cast.commune, today=today)
    return meeting


@pytest.fixture
def officer(cast, signed_in):
    return signed_in(cast.commune)


@pytest.fixture
def secretary(cast, signed_in):
    return signed_in(cast.commune_leader)


def opened(browser, meeting):
    return Form(browser.get(reverse("meeting_log", args=[meeting.pk])).content.decode()).data


def send(browser, meeting, data, **changes):
    return browser.post(reverse("meeting_log", args=[meeting.pk]), data | changes)


def words(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def test_what_only_one_of_two_changed_is_kept_of_both(officer, secretary, meeting, cast, today):
    first, second = opened(officer, meeting), opened(secretary, meeting)
    away, ill, replaced = [seat.person_id for seat in roster_on(cast.tree.a1, today)][:3]
    absences = {f"seat-{away}": "absent", f"seat-{ill}": "excused", f"reason-{ill}": "Ốm"}
    guests = {"guest_name": ["Nguyễn Văn Khách", ""], "guest_duty": ["Trạm Y tế", ""]}
    row = {f"opinions-0-{name}": first[f"opinions-0-{name}"] for name in ("pk", "text")}
    assert row["opinions-0-text"] == ["Sửa đường"]
    changes = {"opinions-0-text": "Sửa đường liên thôn", "secretary": "Trần Văn Chép"}
    assert send(officer, meeting, first, **absences, **guests, **changes).status_code == 302

    mine = {"ended_at": "11:45", f"seat-{replaced}": "substituted", f"substitute-{replaced}": "Vũ Thị Thay"}
    mine |= {"guest_name": ["Đỗ Thị Mời", ""], "guest_duty": ["Công an", ""], "opinions-1-text": "Lắp đèn ngã ba"}
    answer = send(secretary, meeting, second, **mine)
    assert answer.status_code == 302
    said = words(secretary.get(answer.url))
    assert "Đã ghép với phần được lưu trong lúc đồng chí nhập" in said
    meeting.refresh_from_db()
    assert (meeting.secretary, f"{meeting.ended_at:%H:%M}") == ("Trần Văn Chép", "11:45")
    seats = {row.person_id: (row.presence, row.reason, row.substitute) for row in meeting.attendances.all()}
    assert seats[away] == ("absent", "", "")
    assert seats[ill] == ("excused", "Ốm", "")
    assert seats[replaced] == ("substituted", "", "Vũ Thị Thay")
    assert set(meeting.attendances.filter(is_guest=True).values_list("name", "duties")) == {
        ("Nguyễn Văn Khách", "Trạm Y tế"),
        ("Đỗ Thị Mời", "Công an"),
    }
    assert list(Opinion.objects.order_by("number").values_list("text", flat=True)) == [
        "Sửa đường liên thôn",
        "Lắp đèn ngã ba",
    ]


def test_what_both_changed_is_chosen_one_by_one_and_saving_twice_is_no_choice(officer, secretary, meeting, cast, today):
    first, second = opened(officer, meeting), opened(secretary, meeting)
    person = roster_on(cast.tree.a1, today)[0]
    ill = {f"seat-{person.person_id}": "excused", f"reason-{person.person_id}": "Ốm"}
    send(officer, meeting, first, conclusions="Kết luận của cán bộ", **ill, **{"opinions-0-text": "Sửa đường bê tông"})
    changes = {"conclusions": "Kết luận của bí thư", f"seat-{person.person_id}": "absent", "place": "Hội trường"}
    told = send(secretary, meeting, second, **changes, **{"opinions-0-text": "Sửa đường đất"})
    page = words(told)
    assert told.status_code == 409
    assert "đồng chí Cán Bộ Xã đã lưu lúc" in page or "đã lưu lúc" in page
    for word in ("Kết luận của cán bộ", "Kết luận của bí thư", "Sửa đường bê tông", "Sửa đường đất", "Ốm"):
        assert word in page, word
    assert f"Điểm danh: {person.name}" in page

    again = Form(told.content.decode()).data
    assert send(secretary, meeting, again).status_code == 409
    meeting.refresh_from_db()
    assert (meeting.conclusions, meeting.place) == ("Kết luận của cán bộ", "")

    marks = dict(re.findall(r'name="(giu:[^"]+)" value="(toi-[0-9a-f]+)"', words(told)))
    marks |= {"giu:conclusions": marks["giu:conclusions"].replace("toi", "da-luu")}
    assert len(marks) == 3
    assert send(secretary, meeting, again, **marks).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.conclusions, meeting.place) == ("Kết luận của cán bộ", "Hội trường")
    assert meeting.attendances.get(person=person.person_id).presence == "absent"
    assert Opinion.objects.get(number=1).text == "Sửa đường đất"


def test_a_second_window_of_ones_own_is_named_as_ones_own(officer, meeting):
    first, second = opened(officer, meeting), opened(officer, meeting)
    send(officer, meeting, first, conclusions="Bản một")
    page = words(send(officer, meeting, second, conclusions="Bản hai"))
    assert "chính đồng chí đã lưu lúc" in page
    assert "người khác" not in page
    locked = officer.post(reverse("meeting_lock", args=[meeting.pk]), {"version": 1})
    assert locked.status_code == 409
    assert "chính đồng chí đã lưu lúc" in words(locked)


def test_a_row_saved_from_another_window_is_not_recorded_twice(officer, meeting):
    first, second = opened(officer, meeting), opened(officer, meeting)
    topic = Topic.objects.get(code="LAND").pk
    row = {"text": "Xây cầu", "topic": topic, "kind": "petition", "competence": "commune"}
    row |= {"channel": "oral", "visibility": "normal"}
    rows = {"opinions-TOTAL_FORMS": 3} | {f"opinions-2-{name}": value for name, value in row.items()}
    send(officer, meeting, first, **rows)
    assert send(officer, meeting, second, **rows, place="Nhà văn hóa").status_code == 302
    assert Opinion.objects.filter(text="Xây cầu").count() == 1


def test_an_opinion_mended_on_its_own_page_is_not_undone_by_the_meetings_form(officer, secretary, meeting):
    page = opened(secretary, meeting)
    opinion = Opinion.objects.get(number=1)
    url = reverse("opinion_edit", args=[opinion.pk])
    form = Form(officer.get(url).content.decode()).data
    assert officer.post(url, form | {"text": "Sửa đường và cống"}).status_code == 302
    assert send(secretary, meeting, page, place="Nhà văn hóa").status_code == 302
    opinion.refresh_from_db()
    assert opinion.text == "Sửa đường và cống"


def test_two_edits_of_one_opinion_are_merged_and_a_clash_is_chosen(officer, secretary, meeting):
    opinion = Opinion.objects.get(number=1)
    url = reverse("opinion_edit", args=[opinion.pk])
    first, second = (Form(browser.get(url).content.decode()).data for browser in (officer, secretary))
    officer.post(url, first | {"text": "Sửa đường và cống", "raised_by_name": "Bùi Thị Năm"})
    told = secretary.post(url, second | {"text": "Sửa đường, lắp gương", "is_pressing": "on"})
    page = words(told)
    assert told.status_code == 409
    assert "Sửa đường và cống" in page
    assert "Sửa đường, lắp gương" in page
    again = Form(told.content.decode()).data
    assert secretary.post(url, again).status_code == 409
    choice = re.search(r'name="giu:text" value="(toi-[0-9a-f]+)"', words(told))[1]
    assert secretary.post(url, again | {"giu:text": choice}).status_code == 302
    opinion.refresh_from_db()
    assert (opinion.text, opinion.raised_by_name, opinion.is_pressing) == ("Sửa đường, lắp gương", "Bùi Thị Năm", True)


def test_the_day_of_the_conclusion_waits_for_no_other_field_and_is_chosen_when_both_wrote_one(
    officer, secretary, meeting, today
):
    form = Form(
        officer.get(meeting.get_absolute_url()).content.decode(), reverse("meeting_conclude", args=[meeting.pk])
    )
    page = opened(secretary, meeting)
    send(secretary, meeting, page, place="Nhà văn hóa")
    url, day = reverse("meeting_conclude", args=[meeting.pk]), f"{today:%d/%m/%Y}"
    assert officer.post(url, form.data | {"on": day}).status_code == 302
    earlier = f"{today - timedelta(days=1):%d/%m/%Y}"
    told = secretary.post(url, form.data | {"on": earlier})
    assert told.status_code == 409
    choice = re.search(r'name="giu:on" value="(toi-[0-9a-f]+)"', words(told))[1]
    again = Form(told.content.decode(), url).data
    assert secretary.post(url, again | {"giu:on": choice}).status_code == 302
    meeting.refresh_from_db()
    assert meeting.conclusion_on == today - timedelta(days=1)


def test_a_list_of_names_is_not_dropped_by_somebody_who_only_counts(officer, secretary, meeting, cast, today):
    first, second = opened(officer, meeting), opened(secretary, meeting)
    person = roster_on(cast.tree.a1, today)[0].person_id
    send(officer, meeting, first, **{f"seat-{person}": "absent"})
    counted = {"attendance_mode": "counted", "count_group": ["Khách mời"], "count_unit": [""], "count_number": ["30"]}
    told = send(secretary, meeting, second, **counted)
    assert told.status_code == 409
    assert 'name="giu:attendance_mode"' in told.content.decode()
    assert meeting.attendances.get(person=person).presence == "absent"


def grid_of(browser, url):
    return Form(browser.get(url).content.decode()).data


def charge_lines(cast, meeting, today, *texts):
    drafts = [TaskingDraft(text, today + timedelta(days=20), cast.bodies.commune.pk) for text in texts]
    version = taskings_version(meeting)
    return set_taskings(meeting.pk, drafts, actor=cast.commune, version=version, today=today)


def test_the_lines_of_a_conclusion_are_merged_and_what_both_changed_is_chosen(officer, secretary, meeting, cast, today):
    road, lamp = charge_lines(cast, meeting, today, "Sửa đường", "Lắp đèn")
    url = reverse("tasking_edit", args=[meeting.pk])
    first, second = grid_of(officer, url), grid_of(secretary, url)
    due = f"{today + timedelta(days=9):%d/%m/%Y}"
    added = {"lines-2-text": "Họp dân", "lines-2-body": str(cast.bodies.commune.pk), "lines-2-due_on": due}
    assert officer.post(url, first | added | {"lines-0-text": "Sửa đường A", "lines-1-due_on": due}).status_code == 302
    mine = {"lines-0-text": "Sửa đường B", "lines-1-text": "Lắp đèn B", "lines-2-text": "Nạo mương"}
    refused = secretary.post(url, second | added | mine)
    assert refused.status_code == 409
    page = words(refused)
    assert "Việc số 1: nội dung giao" in page
    assert "Việc số 2" not in page
    assert f"đồng chí {cast.commune.person.name} đã lưu lúc" in page
    shown = Form(refused.content.decode()).data
    assert secretary.post(url, shown).status_code == 409
    name, code = re.search(r'name="(giu:[^"]+)" value="(da-luu-[^"]+)"', words(refused)).groups()
    assert secretary.post(url, shown | {name: code}).status_code == 302
    road.refresh_from_db()
    lamp.refresh_from_db()
    assert road.text == "Sửa đường A"
    assert (lamp.text, f"{lamp.due_on:%d/%m/%Y}") == ("Lắp đèn B", due)
    assert list(meeting.taskings.order_by("number").values_list("text", flat=True))[2:] == ["Họp dân", "Nạo mương"]


def test_a_change_of_a_line_that_ended_meanwhile_is_told_and_not_lost_in_silence(
    officer, secretary, meeting, cast, today
):
    road, _ = charge_lines(cast, meeting, today, "Sửa đường", "Lắp đèn")
    url = reverse("tasking_edit", args=[meeting.pk])
    typed = grid_of(secretary, url) | {"lines-0-text": "Sửa đường B", "lines-1-text": "Lắp đèn B"}
    finish_tasking(road.pk, "Xong", today, actor=cast.commune, version=1, today=today)
    refused = secretary.post(url, typed)
    assert refused.status_code == 409
    assert "Việc số 1 (việc đã kết thúc, không sửa được nữa): nội dung giao" in words(refused)
    shown = Form(refused.content.decode()).data
    name, code = re.search(r'name="(giu:[^"]+)" value="(da-luu-[^"]+)"', words(refused)).groups()
    assert secretary.post(url, shown | {name: code}).status_code == 302
    texts = list(meeting.taskings.order_by("number").values_list("text", flat=True))
    assert texts == ["Sửa đường", "Lắp đèn B"]


def test_announcements_of_two_writers_are_merged(officer, secretary, meeting, cast, today):
    texts = [AnnouncementDraft("Tin một"), AnnouncementDraft("Tin hai")]
    set_announcements(meeting.pk, texts, actor=cast.commune, version=0, today=today)
    url = reverse("announcement_edit", args=[meeting.pk])
    first, second = grid_of(officer, url), grid_of(secretary, url)
    assert officer.post(url, first | {"lines-0-text": "", "lines-1-text": "Tin hai A"}).status_code == 302
    refused = secretary.post(url, second | {"lines-0-text": "Tin một B", "lines-2-text": "Tin ba"})
    assert refused.status_code == 409
    assert "Nội dung vừa bị bỏ: nội dung cần truyền đạt" in words(refused)
    shown = Form(refused.content.decode()).data
    name, code = re.search(r'name="(giu:[^"]+)" value="(toi-[^"]+)"', words(refused)).groups()
    assert secretary.post(url, shown | {name: code}).status_code == 302
    texts = list(meeting.announced.order_by("number").values_list("text", flat=True))
    assert texts == ["Tin hai A", "Tin một B", "Tin ba"]


FIELDS = {
    "title": ("Hội nghị A", "Hội nghị B"),
    "secretary": ("Trần Văn Chép", "Vũ Thị Ghi"),
    "place": ("Hội trường", "Nhà văn hóa"),
    "ended_at": ("11:15", "11:45"),
    "conclusions": ("Kết luận A", "Kết luận B"),
    "speaker_count": ("3", "5"),
    "opinions-0-text": ("Sửa đường liên thôn", "Sửa đường bê tông"),
    "opinions-0-raised_by_name": ("Lý Văn Nêu", "Hà Thị Nêu"),
    "opinions-1-text": ("Lắp đèn ngã ba", "Lắp đèn ngã tư"),
    "opinions-1-answer": ("Đã lắp", "Sẽ lắp"),
}
PRESENCES = (("absent", "Bận"), ("excused", "Ốm"), ("absent", ""))


def edit_at_random(chance, seats, side):
    """{name of a field or person: value} that one side types, and the same as form data with its own guest and row."""
    fields = {name: values[side] for name, values in FIELDS.items() if chance.random() < 0.4}
    people = {seat.person_id: chance.choice(PRESENCES) for seat in seats if chance.random() < 0.4}
    data = dict(fields)
    for pk, (presence, reason) in people.items():
        data |= {f"seat-{pk}": presence, f"reason-{pk}": reason}
    guest, text = f"Khách {'AB'[side]}", f"Ý kiến mới {'AB'[side]}"
    if chance.random() < 0.5:
        data |= {"guest_name": [guest, ""], "guest_duty": ["Trạm Y tế", ""]}
    if chance.random() < 0.5:
        row = {"text": text, "topic": Topic.objects.get(code="LAND").pk, "kind": "petition", "competence": "commune"}
        row |= {"channel": "oral", "visibility": "normal"}
        data |= {"opinions-TOTAL_FORMS": 3} | {f"opinions-2-{name}": value for name, value in row.items()}
    added = {guest} if "guest_name" in data else set()
    return fields | people, data, added | ({text} if "opinions-2-text" in data else set())


def saved_of(meeting, seats):
    """The same names with what is saved; and the guests and opinions by name."""
    meeting.refresh_from_db()
    found = {name: getattr(meeting, name) for name in FIELDS if not name.startswith("opinions")}
    found["ended_at"] = f"{meeting.ended_at:%H:%M}" if meeting.ended_at else ""
    found["speaker_count"] = "" if meeting.speaker_count is None else str(meeting.speaker_count)
    opinions = list(meeting.opinions.order_by("number"))
    for row, opinion in enumerate(opinions[:2]):
        found |= {f"opinions-{row}-{name}": getattr(opinion, name) for name in ("text", "raised_by_name", "answer")}
    rows = {row.person_id: (row.presence, row.reason) for row in meeting.attendances.all() if row.person_id}
    found |= {seat.person_id: rows.get(seat.person_id, ("present", "")) for seat in seats}
    guests = set(meeting.attendances.filter(is_guest=True).values_list("name", flat=True))
    return found, guests | {opinion.text for opinion in opinions[2:]}


@pytest.mark.parametrize("seed", range(10))
def test_random_pairs_of_edits_lose_nothing_of_either_side(officer, secretary, meeting, cast, today, seed):
    chance, seats = random.Random(seed), roster_on(cast.tree.a1, today)[:6]
    first, second = opened(officer, meeting), opened(secretary, meeting)
    (theirs, sent, added), (mine, typed, also) = (edit_at_random(chance, seats, side) for side in (0, 1))
    assert send(officer, meeting, first, **sent).status_code == 302
    before, _ = saved_of(meeting, seats)
    answer = send(secretary, meeting, second, **typed)
    both = {name for name in mine if name in theirs and mine[name] != theirs[name]}
    chosen = {}
    if both:
        assert answer.status_code == 409
        page = answer.content.decode()
        choices = re.findall(r'name="(giu:[^"]+)" value="((toi|da-luu)-[0-9a-f]+)"', words(answer))
        assert len(choices) == 2 * len(both)
        picked = {name: chance.choice([row for row in choices if row[0] == name]) for name, _, _ in choices}
        ids = [str(opinion.pk) for opinion in meeting.opinions.order_by("number")]
        for name, _, side in picked.values():
            kind, _, rest = name.removeprefix("giu:").partition(":")
            key = int(rest) if kind == "p" else kind
            if kind == "o":
                pk, _, column = rest.partition(":")
                key = f"opinions-{ids.index(pk)}-{column}"
            chosen[key] = side
        assert set(chosen) == both
        marks = {name: code for name, code, _ in picked.values()}
        answer = send(secretary, meeting, Form(page).data, **marks)
    assert answer.status_code == 302
    saved, names = saved_of(meeting, seats)
    for name, value in saved.items():
        own_wins = name in mine and chosen.get(name) != "da-luu"
        assert value == (mine[name] if own_wins else theirs.get(name, before[name])), name
    assert names == added | also
