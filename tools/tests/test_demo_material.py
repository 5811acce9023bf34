"""The demo's words: every topic, clean and varied, fitting the place and the time."""

import random
import re
import unicodedata
from collections import Counter
from datetime import date
from functools import cache

from feedback.enums import Competence, OpinionChannel, OpinionKind, OpinionStatus
from tools.demo.bodies import bodies_on, body_for
from tools.demo.opinions import TOPIC_SHARES, make_opinion, phrasebook, reply_text, similar_opinion
from tools.demo.people import person_name, phone_number, villages_of
from tools.demo.tables import agenda, announcements, conclusions, meeting_place, meeting_title, minutes

TODAY = date(2026, 11, 22)
PLACES = [
    ("commune-06652-20140101", "Phường Hà Phong", "Thành phố Hạ Long"),
    ("commune-06865-20140101", "Xã Hà Lâu", "Huyện Tiên Yên"),
    ("commune-06892-20140101", "Xã Đồng Rui", "Huyện Tiên Yên"),
    ("commune-07084-20140101", "Xã Việt Dân", "Thị xã Đông Triều"),
    ("commune-06862-20140101", "Thị trấn Tiên Yên", "Huyện Tiên Yên"),
    ("commune-06994-20250701", "Đặc khu Vân Đồn", ""),
]


@cache
def drafts(count=5000):
    rng = random.Random(3)
    rows = []
    for _ in range(count):
        key, commune, district = rng.choice(PLACES)
        level = rng.choice(("commune", "commune", "commune", "district")) if district else "commune"
        year = rng.choice((2015, 2016)) if district else 2026
        village = rng.choice(villages_of(key, commune)).name
        rows.append(make_opinion(rng, level, village, commune, year, district_name=district))
    return rows


def test_every_topic_has_wordings_and_answers_enough():
    assert set(phrasebook()) == set(TOPIC_SHARES)
    assert [c.topic for c in phrasebook().values() if c.pattern_count < 14 or c.answer_count < 6] == []


def test_opinions_are_clean_varied_and_cover_every_topic_and_kind():
    rows = drafts()
    for draft in rows:
        for text in (draft.text, draft.answer, draft.explanation):
            assert unicodedata.is_normalized("NFC", text)
            assert not re.search(r"[{}]|  |\.\.|;\.|,\.", text), text
        assert draft.text[0] == draft.text[0].upper()
    assert len({draft.text for draft in rows}) >= 0.95 * len(rows)
    assert {d.topic for d in rows} == set(TOPIC_SHARES)
    assert {d.kind for d in rows} == set(OpinionKind.values)
    assert {d.channel for d in rows} <= set(OpinionChannel.values)
    assert {d.competence for d in rows} <= set(Competence.values)
    kinds, topics = Counter(d.kind for d in rows), Counter(d.topic for d in rows)
    assert kinds["petition"] > len(rows) / 2 > 20 * kinds["initiative"]
    assert {t for t, _ in topics.most_common(4)} & {"LAND", "TRANSPORT", "ENV"} == {"LAND", "TRANSPORT", "ENV"}


def test_opinions_fit_the_place_the_time_and_the_tree():
    rng = random.Random(8)
    for _ in range(600):
        text = make_opinion(rng, "commune", "Thôn Khe Và", "Xã Hà Lâu", 2016, district_name="Huyện Tiên Yên").text
        assert not re.search(r"UBND (phường|thành phố)|triều|trực tuyến|mã QR", text), text
        draft = make_opinion(rng, "commune", "Khu 3", "Phường Hà Tu", 2026)
        assert draft.competence != "district"
        assert not re.search(r"UBND (huyện|xã)|cánh đồng|đê biển", draft.text), draft.text
    for topic in TOPIC_SHARES:
        assert make_opinion(rng, "commune", "", "Xã Hà Lâu", 2026, topic=topic).topic == topic
    assert "xã Hà Lâu" in make_opinion(rng, "district", "", "Xã Hà Lâu", 2016, district_name="Huyện Tiên Yên").text


def test_similar_opinions_are_the_same_matter_in_other_words():
    rng = random.Random(9)
    some = drafts(200)
    assert len(some) == 200
    for draft in some:
        other = similar_opinion(
            rng, draft, "district", "Khu 9", "Phường Hà Phong", 2016, district_name="Thành phố Hạ Long"
        )
        assert (other.matter, other.topic, other.kind) == (draft.matter, draft.topic, draft.kind)
        assert other.text != draft.text
        assert other.slots.items() >= draft.slots.items()


def test_replies_exist_for_every_status():
    rng = random.Random(10)
    wanted = [*OpinionStatus.values, "reopened", "not_satisfied", "extension"]
    some = drafts(150)
    assert len(some) == 150
    for draft in some:
        assert all(reply_text(rng, draft, status).strip() for status in wanted)


def test_people_and_villages_read_as_real_and_stay_the_same():
    rng = random.Random(11)
    people = [person_name(rng, highland=i % 3 == 0) for i in range(3000)]
    assert all(3 <= len(name.split()) <= 4 and unicodedata.is_normalized("NFC", name) for name in people)
    assert len(set(people)) > 2200
    assert Counter(name.split()[0] for name in people).most_common(1)[0][0] == "Nguyễn"
    assert all(re.fullmatch(r"0000\d{6}", phone_number(rng)) for _ in range(50))
    for key, commune, _ in PLACES:
        villages = villages_of(key, commune)
        assert villages == villages_of(key, commune)
        assert 5 <= len(villages) <= 12
        assert [v.code for v in villages] == [f"{key.split('-')[1]}-{i:02d}" for i in range(1, len(villages) + 1)]
        assert len({v.name for v in villages}) == len(villages)
        starts = ("Khu",) if commune.startswith(("Phường", "Thị trấn")) else ("Thôn", "Bản")
        assert all(v.name.startswith(starts) for v in villages)


def test_bodies_change_their_names_with_the_reforms():
    names = {d: {b.name for b in bodies_on("province", "Tỉnh Quảng Ninh", d)} for d in (date(2016, 1, 1), TODAY)}
    assert "Ban Dân vận Tỉnh ủy" in names[date(2016, 1, 1)]
    assert "Ban Tuyên giáo và Dân vận Tỉnh ủy" in names[TODAY]
    assert body_for("commune", "Phường Hà Tu", TODAY, "LAND").name == "Phòng Kinh tế phường"
    assert (
        body_for("district", "Huyện Tiên Yên", date(2016, 1, 1), "LAND").name == "Phòng Tài nguyên và Môi trường huyện"
    )
    for level, unit in (("commune", "Xã Hà Lâu"), ("district", "Huyện Tiên Yên"), ("province", "Tỉnh Quảng Ninh")):
        for day in (date(2016, 1, 1), TODAY):
            assert all(body_for(level, unit, day, topic) for topic in TOPIC_SHARES)


def test_papers_of_a_meeting_have_no_gaps():
    rng = random.Random(12)
    for topic in TOPIC_SHARES:
        for month in range(1, 13):
            papers = [
                agenda("Xã Hà Lâu", f"Tháng {month}/2016"),
                announcements(rng, "Xã Hà Lâu", f"Tháng {month}/2016", month),
                conclusions(rng, 6, topic),
                minutes(rng, 6, topic),
                meeting_place(rng, "commune", "Xã Hà Lâu", rng.choice(("hall", "online"))),
                meeting_place(rng, "sitting", "Xã Hà Lâu"),
                meeting_title("Quý I/2016"),
            ]
            assert all(paper and not re.search(r"[{}]", paper) for paper in papers)
