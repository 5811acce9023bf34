"""A restricted opinion is counted and never shown.

Two worlds that differ in nothing but a restricted opinion's words, topic, village, body and person must answer
whoever is not named alike, on every address; and none of its words is in a notice, a log, a job or a mail.
"""

import io
import re
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from core.models import Activity, Job
from core.periods import Period
from core.text import fold
from feedback.jobs import escalate_overdue, flag_overdue
from feedback.models import Matter, Opinion, OpinionFile, OpinionMove, Topic
from feedback.tallies import recompute_all, tally_key
from feedback.thread import moves
from feedback.thread.recording import OpinionDraft, record_opinions
from journal.models import Notice
from journal.services import deliver_notices
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from people.models import User
from reports.tables import TABLES
from reports.workbook import write_workbook
from tests.sweeping import paths, unpacked, words_of
from visits.models import Visit
from visits.tests.builders import make_visit

TEXT, NAME, TITLE, ANSWER, FILE = "Con nhạn Bí Ẩn", "Cò Lửa Khánh", "Trưởng đàn Vạc", "Diệc Xám Trả Lời", "Tep Mong Ket"
CANARIES = (TEXT, NAME, TITLE, ANSWER, FILE, fold(TEXT), fold(NAME), fold(ANSWER))
"""Two words of the text are searched for below: an address repeats what was typed, never the whole of it."""
STRANGERS = ("district", "specialist", "other_leader", "agency", "cadre", "village")
READERS = ("commune", "commune_leader", "leader", "head", "province_leader")
SLUGS = ("giay-moi", "chuong-trinh", "danh-sach", "bien-ban", "ket-luan")
SEARCHES = ("", "?q=con+nhan&trang-thai=all", "?trang-thai=all&linh-vuc=LAND")
LISTS = {
    *("opinion_list", "opinion_print", "opinion_ageing", "opinion_ladder", "opinion_agenda", "wrong_level_shares"),
    *("matter_list", "initiative_list"),
}
VISIT_LISTS, VISIT_SEARCHES = {"visit_list", "visit_questions"}, ("", "?q=con+nhan", "?van-de=on")
SHIFTING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|X-CSRFToken[^}]*|nonce[^>]*|name="request_id"[^>]*'
    r"|\d{2}:\d{2}(:\d{2}Z?)?|[0-9a-f-]{36}"
)
"""What differs from one request to the next by itself."""

GROWING = {"activity_list"}
"""Shows what was read just before; held to the words alone."""

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    """A held meeting of commune A1 with an ordinary opinion, and a restricted one that was answered and has a file.

    The restricted one was heard on a visit, whose record says the same.
    """
    today = timezone.localdate()
    commune = cast.tree.a1
    occurrence = make_occurrence(make_rule(cast.tree.province), commune, Period.of_day(today, "month").code)
    meeting = make_meeting(commune, today, occurrence)
    land = Topic.objects.get(code="LAND")
    drafts = [
        OpinionDraft(text="Đường liên thôn hỏng", topic_id=land.pk, village_id=cast.tree.villages[1].pk),
        OpinionDraft(text=TEXT, topic_id=land.pk, visibility="restricted", number=2, raised_by_name=NAME),
    ]
    record_opinions(meeting=meeting, drafts=drafts, actor=cast.commune, today=today)
    plain, hidden = Opinion.objects.order_by("number")
    file = OpinionFile.objects.create(
        opinion=hidden, name=f"{FILE}.pdf", path="opinions/x.pdf", content_type="application/pdf", size=1, digest="x"
    )
    matter = Matter.objects.create(
        unit=commune,
        level=commune.level,
        district=cast.tree.a,
        province=cast.tree.province,
        commune=commune,
        title="Đường liên thôn",
        topic=land,
        created_by_id=cast.commune.pk,
        created_on=today,
    )
    Opinion.objects.filter(pk=plain.pk).update(matter=matter)
    visit = make_visit(cast.commune.person.posts.get(), cast.tree.villages[1], today)
    Opinion.objects.filter(pk=hidden.pk).update(origin="visit", origin_id=visit.pk)
    return SimpleNamespace(
        cast=cast,
        today=today,
        meeting=meeting,
        occurrence=occurrence,
        plain=plain,
        hidden=hidden,
        file=file,
        matter=matter,
        visit=visit,
    )


def _variant(world, number):
    """The same restricted opinion, otherwise: only what nobody but its readers may learn."""
    topics = list(Topic.objects.order_by("code")[:2])
    facts = {
        "text": (TEXT, "Việc khác hẳn")[number],
        "search_text": fold((TEXT, "Việc khác hẳn")[number]),
        "topic": topics[number],
        "village": world.cast.tree.villages[number],
        "body": (None, world.cast.bodies.commune)[number],
        "raised_by": (world.cast.village.person, None)[number],
        "raised_by_name": (NAME, "")[number],
        "raised_by_title": (TITLE, "")[number],
        "answer": (ANSWER, "")[number],
        "kind": ("initiative", "petition")[number],
        "is_pressing": bool(number),
        "competence": ("commune", "district")[number],
        "hides_speaker": bool(number),
        "matter": (world.matter, None)[number],
    }
    Opinion.objects.filter(pk=world.hidden.pk).update(**facts)
    OpinionMove.objects.filter(opinion=world.hidden).update(note=facts["answer"])
    said = dict.fromkeys(("findings", "help_given", "conduct"), (TEXT, "")[number])
    Visit.objects.filter(pk=world.visit.pk).update(search_text=facts["search_text"], **said)
    OpinionFile.objects.filter(pk=world.file.pk).update(name=(f"{FILE}.pdf", "khac.pdf")[number])
    recompute_all([tally_key(Opinion.objects.get(pk=world.hidden.pk))])


def _addresses(world):
    things = {
        "/y-kien/tep/": world.file.pk,
        "/y-kien/van-de/": world.matter.pk,
        "/y-kien/": world.hidden.pk,
        "/hoi-nghi/ky/": world.occurrence.pk,
        "/hoi-nghi/": world.meeting.pk,
        "/di-co-so/": world.visit.pk,
        "/tai-khoan/": world.cast.commune.pk,
        "/danh-ba/": world.cast.commune.person_id,
    }
    for name, path in paths(things, {"GET"}, world.cast.tree.a1.key, SLUGS):
        for query in SEARCHES if name in LISTS else VISIT_SEARCHES if name in VISIT_LISTS else ("",):
            yield name, path + query
    for code in TABLES:
        yield "report_table", f"/bao-cao/bieu/{code}/?ky={world.today.year}&don-vi={world.cast.tree.a1.key}"


def _answers(world, browser, number):
    """{address: what it says} in one of the two worlds, which is then undone."""
    with transaction.atomic():
        _variant(world, number)
        answers = {}
        for name, address in _addresses(world):
            answer = browser.get(address)
            answers[name, address] = answer.status_code, SHIFTING.sub("", words_of(answer))
        transaction.set_rollback(True)
    return answers


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_unnamed_can_tell_two_restricted_opinions_apart(world, signed_in, who):
    browser = signed_in(getattr(world.cast, who))
    first, second = (_answers(world, browser, number) for number in (0, 1))
    for key, (status, words) in first.items():
        assert status < 500, key
        assert not [canary for canary in CANARIES if canary in words], (who, key)
        if key[0] not in GROWING:
            assert (status, words) == second[key], (who, key, _difference(words, second[key][1]))
    assert len(first) > 70


def _difference(one, other):
    pairs = zip(one.splitlines(), other.splitlines(), strict=False)
    return next(((a, b) for a, b in pairs if a != b), (len(one), len(other)))


@pytest.mark.parametrize("who", READERS)
def test_those_named_do_read_it(world, signed_in, who):
    page = signed_in(getattr(world.cast, who)).get(world.hidden.get_absolute_url())
    assert TEXT in page.content.decode()
    assert Activity.objects.filter(verb="opinion.read_restricted").count() == 1


@pytest.mark.parametrize("who", ["district", "specialist", "commune_leader"])
def test_the_workbook_keeps_it_to_itself(world, who):
    """Not even those who may read it carry it away in the yearly workbook of others; totals count it."""
    user, tree = User.objects.get(pk=getattr(world.cast, who).pk), world.cast.tree
    unit = {"district": tree.a, "specialist": tree.province, "commune_leader": tree.a1}[who]
    _variant(world, 0)
    file = io.BytesIO()
    write_workbook(
        file,
        unit=unit,
        year=world.today.year,
        boundaries="now",
        today=world.today,
        user=user,
        maker="x",
        progress=lambda *_: None,
    )
    said = unpacked(file.getvalue())
    assert "Đường liên thôn hỏng" in said
    if who != "commune_leader":
        assert not [canary for canary in CANARIES if canary in said]
    assert "hạn chế xem" in said


def test_no_notice_log_job_or_mail_holds_its_words(world, caplog):
    cast, pk, today = world.cast, world.hidden.pk, world.today
    User.objects.update(email="moi@example.org")
    _variant(world, 0)
    Opinion.objects.filter(pk=pk).update(status="recorded", is_open=True, answer="", due_on="2020-01-01")

    def act(verb, actor, **words):
        version = Opinion.objects.get(pk=pk).version
        getattr(moves, verb)(pk, actor=User.objects.get(pk=actor.pk), version=version, today=today, **words)

    act("assign_opinion", cast.commune_leader, body=cast.bodies.commune, note=ANSWER)
    act("comment_opinion", cast.leader, note=ANSWER)
    act("unassign_opinion", cast.commune, note=ANSWER)
    act("escalate_opinion", cast.commune, note=ANSWER)
    flag_overdue(today)
    escalate_overdue(today)
    act("assign_opinion", cast.leader, body=cast.bodies.district, note=ANSWER)
    act("resolve_opinion", cast.leader, note=ANSWER)
    act("confirm_opinion", cast.commune, satisfaction="not", note=ANSWER)
    assert deliver_notices(timezone.now()) == Notice.objects.count()
    assert mail.outbox
    kept = [
        *Notice.objects.values_list("text", "lines", "url", "key"),
        *Activity.objects.values_list("verb", "before", "after"),
        *Job.objects.values_list("title", "params"),
        *((message.subject, message.body) for message in mail.outbox),
        *((record.getMessage(),) for record in caplog.records),
    ]
    assert len(kept) > 20
    assert not [row for row in kept if any(canary in str(row) for canary in CANARIES)]
    told = set(Notice.objects.filter(url=world.hidden.get_absolute_url()).values_list("recipient__username", flat=True))
    assert told <= {"xa", "bithu", "lanhdao", "truongban", "lanhdaotinh", "diachinh", "phongtn"}
