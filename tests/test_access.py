"""Who reaches what: role × page × (own branch, other branch); and every URL swept for words that must not leak."""

import re
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from core.activity import record
from core.models import Activity, Job
from core.periods import Period
from core.text import fold
from feedback.matters.services import create_matter
from feedback.models import BasketItem, Opinion, OpinionMove, Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from journal.services import notify
from meetings.conclusions.services import AnnouncementDraft, TaskingDraft, set_announcements, set_taskings
from meetings.models import Announcement, Meeting, Relay, Tasking
from meetings.services import MeetingFacts, Seat, hold_meeting
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from people.models import Person, Post, User
from proceedings.preparation.services import put_in
from reports.claims.services import ClaimDraft, pin_claim
from reports.models import Claim
from tests.sweeping import paths
from units.models import Unit
from visits.models import (
    CheckDraw,
    CheckPair,
    Commendation,
    HelpedCheck,
    HelpedUnit,
    Knowing,
    LocalGroup,
    Situation,
    TrainingCourse,
    Visit,
    YearlySheet,
)

CANARY = "Chim yến Kỳ Lạ"
RESTRICTED = "Con nhạn Bí Ẩn"
ADDRESSED = "Chim én Báo Tin"
"""Announced to the commune's villages: theirs to read, and nobody else's outside the branch."""

BRANCH = {"commune", "commune_leader", "district", "leader", "specialist", "head", "province_leader"}
STRANGERS = ("other_commune", "other_leader", "outsider")
KEPT_OUT = (*STRANGERS, "agency", "cadre", "admin", "village")
READING = ("opinion.read_restricted", "opinion.print", "report.table")
"""The access log: what was read or taken away is written down, and nothing else by a GET."""

EVERYBODY = (*sorted(BRANCH), *KEPT_OUT)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    """A held meeting of commune A1 with an ordinary and a restricted opinion, all words of it canaries."""
    today = timezone.localdate()
    commune, topic = cast.tree.a1, Topic.objects.get(code="LAND")
    occurrence = make_occurrence(make_rule(cast.tree.province), commune, Period.of_day(today, "month").code)
    meeting = make_meeting(commune, None, occurrence, status="planned", title=f"Hội nghị {CANARY}")
    facts = MeetingFacts(today, meeting.title, "hall", place=CANARY, minutes=CANARY, conclusions=CANARY)
    hold_meeting(
        meeting.pk, facts, actor=cast.commune, today=today, version=1, seats=[Seat(f"Khách {CANARY}", is_guest=True)]
    )
    meeting.refresh_from_db()
    village = cast.tree.villages[1].pk
    drafts = [
        OpinionDraft(text=f"Ý kiến về {CANARY}", topic_id=topic.pk, raised_by_name=CANARY, village_id=village),
        OpinionDraft(text=f"Chuyện {RESTRICTED}", topic_id=topic.pk, visibility="restricted", number=2),
    ]
    record_opinions(meeting=meeting, drafts=drafts, actor=cast.commune, today=today)
    plain, hidden = Opinion.objects.order_by("number")
    job = Job.objects.create(kind="export_year", title=CANARY, owner_id=cast.commune.pk)
    notify([cast.commune.pk], key="x", text=CANARY)
    put_in(commune, cast.tree.villages[1], f"Gửi trước về {CANARY}", actor=cast.commune, today=today)
    matter = create_matter(f"Vấn đề {CANARY}", topic.pk, [plain.pk], actor=cast.commune, today=today)[0]
    plain.refresh_from_db()
    record(cast.commune.pk, "meeting.note", meeting)
    tasking = set_taskings(
        meeting.pk, [TaskingDraft(CANARY, today, cast.bodies.commune.pk)], actor=cast.commune, version=0, today=today
    )[0]
    news = set_announcements(meeting.pk, [AnnouncementDraft(ADDRESSED)], actor=cast.commune, version=0, today=today)[0]
    said = ClaimDraft(CANARY, commune, "commune_meetings", "over", Decimal(0), str(today.year), source=CANARY)
    claim = pin_claim(said, actor=cast.commune, today=today)
    return SimpleNamespace(
        claim=claim,
        **_visited(cast, today),
        **_helped(cast, today),
        **_gone(cast, today),
        cast=cast,
        today=today,
        meeting=meeting,
        occurrence=occurrence,
        plain=plain,
        hidden=hidden,
        matter=matter,
        job=job,
        tasking=tasking,
        news=news,
    )


def _visited(cast, today):
    """What happened at the commune, a course it held and a village it commended, all words of them canaries."""
    commune, village, now = cast.tree.a1, cast.tree.villages[1], timezone.now()
    place = {"commune": commune, "district": cast.tree.a, "province": cast.tree.province}
    situation = Situation.objects.create(
        unit=commune, level="commune", title=CANARY, account=CANARY, happened_at=now, search_text=fold(CANARY), **place
    )
    Knowing.objects.create(situation=situation, knower="village", known_at=now, from_whom=CANARY)
    course = TrainingCourse.objects.create(
        unit=commune, level="commune", title=CANARY, started_on=today, ended_on=today, search_text=fold(CANARY), **place
    )
    praise = Commendation.objects.create(
        unit=village, level="village", village=village, form="paper", issuer=CANARY, decided_on=today, reason=CANARY,
        search_text=fold(CANARY), **place,
    )  # fmt: skip
    return {"situation": situation, "course": course, "praise": praise}


def _gone(cast, today):
    """Visits to two villages, a group, a drawn pair; of the visit to the account's own village what was found alone."""
    post, other = cast.commune.person.posts.get(), cast.commune_leader.person
    own, next_door = cast.tree.villages[:2]
    place = {"commune": cast.tree.a1, "district": cast.tree.a, "province": cast.tree.province}
    group = LocalGroup.objects.create(
        unit=next_door, level="village", kind="cell", name=CANARY, valid_from=today, **place
    )  # fmt: skip
    words = {"findings": CANARY, "conduct": CANARY, "help_given": CANARY, "reported_to": CANARY}
    by = {"person": post.person, "post": post, "level": "commune", "visited_on": today, "group": "cell"} | words | place
    Visit.objects.create(unit=own, village=own, content="Dự họp chi bộ.", search_text=fold(CANARY), **by)
    visit = Visit.objects.create(
        unit=next_door, village=next_door, content=CANARY, local_group=group, search_text=fold(CANARY), **by
    )
    draw = CheckDraw.objects.create(
        unit=cast.tree.a1, level="commune", period=Period.of_day(today, "quarter").code, seed=CANARY,
        candidates=[post.person_id, other.pk], drawn_at=timezone.now(), drawn_by_id=1, drawn_by_name=CANARY, **place,
    )  # fmt: skip
    pair = CheckPair.objects.create(draw=draw, number=1, checker=other, checked=post.person, result=CANARY)
    return {"visit": visit, "group": group, "draw": draw, "pair": pair}


def _helped(cast, today):
    """A village of the commune that is helped, and the yearly sheet of the officer, all words of them canaries."""
    post, village = cast.commune.person.posts.get(), cast.tree.villages[1]
    place = {"commune": cast.tree.a1, "district": cast.tree.a, "province": cast.tree.province}
    helped = HelpedUnit.objects.create(
        unit=village, level="commune", year=today.year, helper_post=post, reason=CANARY, plan=CANARY,
        registered_on=today, **place,
    )  # fmt: skip
    HelpedCheck.objects.create(
        helped=helped, quarter=Period.of_day(today, "quarter").code, checked_on=today, checked_by_name=CANARY,
        progress=CANARY,
    )  # fmt: skip
    sheet = YearlySheet.objects.create(
        unit=cast.tree.a1, level="commune", year=today.year, person=post.person, post=post, own_words=CANARY,
        remark=CANARY, **place,
    )  # fmt: skip
    return {"helped": helped, "sheet": sheet}


PAGES = [
    ("visit_detail", "visit", BRANCH),
    ("visit_raise", "visit", BRANCH),
    ("local_group_detail", "group", BRANCH),
    ("check_draw_detail", "draw", BRANCH),
    ("check_pair_detail", "pair", BRANCH),
    ("helped_unit_detail", "helped", BRANCH),
    ("yearly_sheet_detail", "sheet", BRANCH),
    ("yearly_sheet_print", "sheet", BRANCH),
    ("situation_detail", "situation", BRANCH),
    ("situation_edit", "situation", BRANCH),
    ("training_course_print", "course", BRANCH),
    ("commendation_detail", "praise", BRANCH),
    ("meeting_detail", "meeting", BRANCH),
    ("occurrence_detail", "occurrence", BRANCH),
    ("meeting_agenda", "meeting", BRANCH),
    ("tasking_edit", "meeting", BRANCH),
    ("tasking_detail", "tasking", BRANCH),
    ("relay_matrix", "meeting", BRANCH),
    ("opinion_detail", "plain", BRANCH),
    ("matter_detail", "matter", BRANCH),
    ("opinion_detail", "hidden", {"commune", "commune_leader", "leader", "head", "province_leader"}),
    ("claim_detail", "claim", BRANCH),
    ("job_detail", "job", {"commune"}),
    ("job_state", "job", {"commune"}),
]


@pytest.mark.parametrize(("name", "thing", "readers"), PAGES, ids=lambda value: value if isinstance(value, str) else "")
def test_only_the_listed_roles_open_the_page(world, signed_in, name, thing, readers):
    url = reverse(name, args=[getattr(world, thing).pk])
    answers = {who: signed_in(getattr(world.cast, who)).get(url).status_code for who in EVERYBODY}
    assert {who for who, status in answers.items() if status == 200} == readers
    assert {status for who, status in answers.items() if who not in readers} <= {403, 404}


def test_a_foreign_thing_answers_like_a_missing_one(world, signed_in):
    browser = signed_in(world.cast.outsider)
    foreign = browser.get(reverse("opinion_detail", args=[world.plain.pk]))
    missing = browser.get(reverse("opinion_detail", args=[world.plain.pk + 1000]))
    clean = [re.sub(rb'(nonce|csrf[^"]*|X-CSRFToken)[^<>]*', b"", answer.content) for answer in (foreign, missing)]
    assert foreign.status_code == missing.status_code == 404
    assert clean[0] == clean[1]


def _paths(world, methods):
    """Every route with the world's own objects in it."""
    things = {
        "/y-kien/van-de/": world.matter.pk,
        "/y-kien/": world.plain.pk,
        "/hoi-nghi/gio-y-kien/": BasketItem.objects.values_list("pk", flat=True).get(),
        "/hoi-nghi/ky/": world.occurrence.pk,
        "/hoi-nghi/": world.meeting.pk,
        "/bao-cao/so-lieu-da-neu/": world.claim.pk,
        "/cong-viec/": world.job.pk,
        "/viec-giao/": world.tasking.pk,
        "/di-co-so/giup-do/": world.helped.pk,
        "/di-co-so/phieu-nam/": world.sheet.pk,
        "/di-co-so/tinh-hinh/": world.situation.pk,
        "/di-co-so/tap-huan/": world.course.pk,
        "/di-co-so/khen-thuong/": world.praise.pk,
        "/di-co-so/to-chuc/": world.group.pk,
        "/di-co-so/kiem-tra-cheo/boc-tham/": world.draw.pk,
        "/di-co-so/kiem-tra-cheo/cap/": world.pair.pk,
        "/di-co-so/": world.visit.pk,
        "/truyen-dat/": world.news.pk,
        "/danh-ba/chuc-danh/": Post.objects.filter(unit=world.cast.tree.a1).first().pk,
        "/danh-ba/": world.cast.commune.person_id,
        "/tai-khoan/": world.cast.commune.pk,
    }
    return paths(things, methods, world.cast.tree.a1.key)


@pytest.mark.parametrize("who", ["other_commune", "outsider", "agency", "admin", "village"])
def test_no_page_of_a_stranger_holds_a_word_of_the_commune(world, signed_in, who):
    browser = signed_in(getattr(world.cast, who))
    unit = world.cast.tree.a1
    queries = ["", f"?q=chim yen&don-vi={unit.key}&trang-thai=all"]
    seen = 0
    for name, path in _paths(world, {"GET"}):
        for query in queries if "<" not in path and not re.search(r"\d", path) else [""]:
            answer = browser.get(path + query)
            assert answer.status_code in (200, 302, 400, 403, 404, 422), (who, path + query, answer.status_code)
            body = answer.content.decode(errors="replace")
            assert CANARY not in body, (who, name, path + query)
            assert RESTRICTED not in body, (who, name, path + query)
            assert who == "village" or ADDRESSED not in body, (who, name, path + query)
            seen += 1
    assert seen > 60


def _state():
    rows = [
        sorted(Meeting.objects.values_list("pk", "status", "version", "title")),
        sorted(Opinion.objects.values_list("pk", "status", "version", "holder_id", "text")),
        sorted(User.objects.values_list("pk", "is_active", "password")),
        sorted(Unit.objects.values_list("pk", "name", "valid_to"), key=lambda row: row[0]),
        [model.objects.count() for model in (OpinionMove, Person, Post, Announcement, Relay)],
        sorted(Tasking.objects.values_list("pk", "status", "version")),
        sorted(Situation.objects.values_list("pk", "state", "version")),
        sorted(Visit.objects.values_list("pk", "status", "version")),
        sorted(LocalGroup.objects.values_list("pk", "valid_to", "version")),
        sorted(CheckPair.objects.values_list("pk", "result", "version")),
        sorted(Claim.objects.values_list("pk", "version", "withdrawn_on")),
        sorted(TrainingCourse.objects.values_list("pk", "version")),
        sorted(Commendation.objects.values_list("pk", "version")),
    ]
    return repr(rows)


@pytest.mark.parametrize("who", ["other_commune", "outsider", "agency", "village"])
def test_no_post_of_a_stranger_changes_anything(world, signed_in, who):
    browser = signed_in(getattr(world.cast, who))
    before = _state()
    data = {"version": 2, "reason": "x", "note": "x", "name": "x", "valid_from": "01/01/2020", "confirm": "on"}
    for _, path in _paths(world, {"POST"}):
        if re.search(r"\d", path):
            answer = browser.post(path, data)
            assert answer.status_code in (302, 400, 403, 404, 405, 422), (who, path, answer.status_code)
    assert _state() == before


def _nested(page):
    """Does a form begin inside another? A browser drops the inner one, and its end closes the outer."""
    depth = 0
    for tag in re.findall(r"<form\b|</form>", page):
        depth += 1 if tag == "<form" else -1
        if depth not in (0, 1):
            return True
    return depth != 0


def test_no_form_stands_in_another_even_on_the_sign_in_page(client, world):
    assert [_nested(page) for page in ("<form></form><form></form>", "<form><form></form></form>", "</form>")] == [
        *(False, True, True)
    ]
    page = client.get("/dang-nhap/").content.decode()
    assert not _nested(page)
    assert page.index("<form") < page.index('type="submit"') < page.index("</form>")


def test_a_get_changes_nothing(world, signed_in):
    before, lines = _state(), Activity.objects.exclude(verb__in=READING).count()
    for who in ("commune", "head"):
        browser = signed_in(getattr(world.cast, who))
        for _, path in _paths(world, {"GET"}):
            answer = browser.get(path)
            assert answer.status_code < 500, (who, path)
            if answer.get("Content-Type", "").startswith("text/html"):
                assert not _nested(answer.content.decode()), (who, path)
    assert _state() == before
    assert Activity.objects.exclude(verb__in=READING).count() == lines


def test_rights_end_at_the_next_request(world, signed_in):
    browser = signed_in(world.cast.commune)
    url = world.meeting.get_absolute_url()
    assert browser.get(url).status_code == 200
    Post.objects.filter(person=world.cast.commune.person).update(valid_to=world.today)
    assert browser.get(url).status_code in (403, 404)
    leader = signed_in(world.cast.leader)
    assert leader.get(url).status_code == 200
    User.objects.filter(pk=world.cast.leader.pk).update(is_active=False)
    assert leader.get(url)["Location"].startswith("/dang-nhap/")


def test_the_archive_of_an_ended_unit_is_read_and_not_written(world, signed_in):
    tree, today = world.cast.tree, world.today
    Unit.objects.filter(pk=tree.a.pk).update(valid_to=today)
    browser = signed_in(world.cast.leader)
    assert CANARY in browser.get(world.meeting.get_absolute_url()).content.decode()
    assert browser.get(reverse("meeting_list")).status_code == 200
    data = {"version": world.meeting.version, "reason": "x"}
    assert browser.post(reverse("meeting_cancel", args=[world.meeting.pk]), data).status_code == 403
    data = {"version": world.plain.version, "note": "x"}
    assert browser.post(reverse("opinion_escalate", args=[world.plain.pk]), data).status_code == 403


def test_a_village_reads_its_own_thread_and_no_other(world, signed_in):
    """The head of village 1: the opinion of village 2 is not there, its own is, the commune's meeting is not."""
    topic, own = Topic.objects.get(code="LAND"), world.cast.tree.villages[0]
    drafts = [
        OpinionDraft(text="Việc của thôn một", topic_id=topic.pk, village_id=own.pk, number=3),
        OpinionDraft(text="Việc kín", topic_id=topic.pk, village_id=own.pk, visibility="restricted", number=4),
    ]
    mine, hidden = record_opinions(meeting=world.meeting, drafts=drafts, actor=world.cast.commune, today=world.today)[
        -2:
    ]
    browser = signed_in(world.cast.village)
    page = browser.get(reverse("opinion_list"), {"trang-thai": "all"}).content.decode()
    assert 'data-total="1"' in page
    assert "Việc của thôn một" in page
    assert browser.get(mine.get_absolute_url()).status_code == 200
    assert browser.get(hidden.get_absolute_url()).status_code == 404
    assert browser.get(world.meeting.get_absolute_url()).status_code == 404
    people = browser.get(reverse("directory")).content.decode()
    assert "0900000001" not in people
    assert 'data-total="0"' in people
