"""`load_scenario`: a world in one file, against numbers counted by hand and a recount that reads the file only."""

import copy
import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from core.activity import seal_activity, verify_chain
from core.models import Activity
from core.periods import Period
from feedback.models import Opinion, OpinionMonth, Topic
from feedback.tallies import rebuild as rebuild_opinions
from meetings.cadence.reads import refresh_occurrence
from meetings.models import Meeting, MeetingMonth, Occurrence
from meetings.tallies import rebuild as rebuild_meetings
from people.models import Person, Post, User
from reports.figures import figures
from units.models import Unit, UnitSuccession, UnitVersion
from units.reads import unit_by_key

FILE = Path(__file__).parent / "data" / "small_world.json"
TODAY = date(2017, 5, 10)
PERIODS = ("2016", "2017", "2016-Q1", "2016-06")
DAY = timedelta(days=1)


def content():
    return json.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture
def load(tmp_path, capsys):
    """`load(data)` writes the file and runs the command; the answer is its JSON."""

    def run(data, **options):
        path = tmp_path / "world.json"
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        call_command("load_scenario", str(path), json=True, **options)
        return json.loads(capsys.readouterr().out)

    return run


@pytest.fixture
def world(db, load):
    return load(content())


# --- the recount: reads the file, knows nothing of the product ---------------------------------------------------


def day_of(word):
    return date.fromisoformat(word)


def is_alive(unit, day):
    return day_of(unit["valid_from"]) <= day and (unit["valid_to"] is None or day <= day_of(unit["valid_to"]))


class Recount:
    """Every figure from the file, by going through all its meetings for each question."""

    def __init__(self, data):
        self.data, self.units = data, data["units"]
        self.meetings = [dict(m, on=self._local_day(m["held_at"])) for m in data["meetings"]]
        for meeting in self.meetings:
            meeting["owner"] = self.find(meeting["unit"], meeting["on"])
            meeting["span"] = self._span(meeting["period"])
        years = {m["span"][1].year for m in self.meetings}
        self.rounds = [
            (unit, span)
            for unit in self.units
            if unit["kind"] in ("commune", "district")
            for year in range(min(years), max(years) + 1)
            for span in self._spans(year, unit["kind"])
            if is_alive(unit, span[1])
        ]

    @staticmethod
    def _local_day(word):
        moment = datetime.fromisoformat(word)
        return moment.astimezone(timezone(timedelta(hours=7))).date()

    @staticmethod
    def _months(year, first, last):
        end = date(year + last // 12, last % 12 + 1, 1) - DAY
        return date(year, first, 1), end

    def _span(self, word):
        if ".." in word:
            return date(int(word[:4]), 1, 1), date(int(word[-4:]), 12, 31)
        year, _, rest = word.partition("-")
        if not rest:
            return self._months(int(year), 1, 12)
        last = int(rest[1:]) * 3 if rest.startswith("Q") else int(rest)
        return self._months(int(year), last - 2 if rest.startswith("Q") else last, last)

    def _spans(self, year, kind):
        step = {"commune": 1, "district": 3}[kind]
        return [self._months(year, first, first + step - 1) for first in range(1, 13, step)]

    def find(self, code, day):
        return next((unit for unit in self.units if unit["code"] == code and is_alive(unit, day)), None)

    def chain(self, unit, day):
        """The unit and all above it on a day: a closed parent's successor stands in its place."""
        above = []
        while unit:
            above.append(unit)
            parent = self.find(unit["parent"], day_of(unit["valid_from"])) if unit["parent"] else None
            unit = self.heir(parent, day)
        return above

    def heir(self, unit, day):
        """The unit that stands for `unit` on a day; None when it closed and left nobody."""
        while unit and not is_alive(unit, day):
            unit = self.find(unit["successor"], day_of(unit["valid_to"]) + DAY) if unit["successor"] else None
        return unit

    def belongs(self, unit, chain, boundaries):
        """Does a fact of a place (its chain of units, lowest first) count for `unit`?"""
        if boundaries == "then":
            return any(unit is other for other in chain)
        heirs = [self.heir(other, TODAY) for other in chain if other["kind"] != "village"]
        lowest = heirs[0]
        now = self.chain(lowest, TODAY) if lowest else [heir for heir in heirs if heir]
        return any(unit is other for other in now)

    def figures(self, unit, word, boundaries):
        first, last = self._span(word)
        is_month = (last - first).days < 31
        answer = {}
        for level in ("commune", "district"):
            hidden = is_month and level == "district"
            inside = [
                m
                for m in self.meetings
                if m["level"] == level and not hidden and first <= m["span"][0] and m["span"][1] <= last
                if self.belongs(unit, self.chain(m["owner"], m["on"]), boundaries)
            ]
            answer |= self._meeting_words(level, inside)
            answer |= self._round_words(unit, level, [] if hidden else self.rounds, (first, last), boundaries)
        return answer | self._opinion_words(unit, (first, last), is_month, boundaries)

    def _meeting_words(self, level, meetings):
        made = {
            (m["owner"]["name"], m["span"])
            for m in meetings
            if any(m["owner"] is u and m["span"] == s for u, s in self.rounds)
        }
        return {
            f"{level}_meetings": len(meetings),
            f"{level}_sittings": len(meetings),
            f"{level}_extra": len(meetings) - len(made),
            f"{level}_attendance": sum(m["attended"] for m in meetings),
            f"{level}_opinions": sum(len(m["opinions"]) for m in meetings),
        }

    def _round_words(self, unit, level, rounds, period, boundaries):
        words = dict.fromkeys(("expected", "occurrences_held", "on_time", "late", "made_up", "missing"), 0)
        for owner, span in rounds:
            if owner["kind"] != level or not (period[0] <= span[0] and span[1] <= period[1] and span[1] < TODAY):
                continue
            if not self.belongs(unit, self.chain(owner, span[1]), boundaries):
                continue
            days = [m["on"] for m in self.meetings if m["owner"] is owner and m["span"] == span]
            words["expected"] += 1
            words["occurrences_held" if days else "missing"] += 1
            if days:
                late = (min(days) - span[1]).days
                words["on_time" if late <= 0 else "late" if late <= 5 else "made_up"] += 1
        return {f"{level}_{word}": number for word, number in words.items()}

    def _opinion_words(self, unit, period, is_month, boundaries):
        """What is answered was answered on the day held; what is open has the day of its rule only."""
        words = dict.fromkeys(("received", "settled", "unassigned", "overdue"), 0)
        for m in self.meetings:
            if not (period[0] <= m["span"][0] and m["span"][1] <= period[1]) or (is_month and m["level"] == "district"):
                continue
            for opinion in m["opinions"]:
                about = self.find(opinion["village"], m["on"]) if "village" in opinion else m["owner"]
                if self.belongs(unit, self.chain(about, m["on"]), boundaries):
                    words["received"] += 1
                    words["settled" if opinion["status"] == "answered" else "unassigned"] += 1
                    words["overdue"] += opinion["status"] == "open" and (TODAY - m["on"]).days > 30
        words |= {"on_time": words["settled"], "on_time_extended": words["settled"], "was_late": words["overdue"]}
        return {f"opinions_{word}": number for word, number in words.items()}


def test_every_figure_of_every_unit_is_that_of_the_recount(world):
    data = content()
    recount, compared = Recount(data), 0
    for raw in data["units"]:
        unit = Unit.objects.get(level=raw["kind"], code=raw["code"], valid_from=raw["valid_from"])
        for word in PERIODS:
            for boundaries in ("then", "now") if is_alive(raw, TODAY) and raw["kind"] != "village" else ("then",):
                found = figures(unit, Period.parse(word), boundaries, TODAY)
                expected = dict.fromkeys(found, 0) | recount.figures(raw, word, boundaries)
                assert found == expected, (unit.key, word, boundaries)
                compared += sum(expected.values())
    assert compared > 3000


@pytest.mark.parametrize(
    ("key", "period", "boundaries", "numbers"),
    [
        (
            "province-90",
            "2016",
            "then",
            {"commune_meetings": 12, "commune_attendance": 231, "commune_opinions": 11, "commune_expected": 63,
             "commune_occurrences_held": 9, "commune_on_time": 7, "commune_late": 1, "commune_made_up": 1,
             "commune_missing": 54, "commune_extra": 3, "district_meetings": 3, "district_expected": 8,
             "district_occurrences_held": 2, "district_on_time": 1, "district_late": 1, "district_extra": 1,
             "district_attendance": 450, "opinions_received": 15, "opinions_settled": 6, "opinions_unassigned": 9},
        ),
        ("commune-90101", "2016-12", "then", {"commune_meetings": 1, "commune_on_time": 1, "commune_attendance": 31}),
        ("commune-90101", "2017-01", "then", {"commune_meetings": 0, "commune_expected": 1, "commune_missing": 1}),
        ("commune-90101", "2016", "then", {"commune_meetings": 5, "commune_attendance": 126, "commune_expected": 12}),
        ("commune-90101", "2016", "now", {"commune_meetings": 7, "commune_attendance": 168, "commune_expected": 18}),
        ("commune-90102", "2016", "then", {"commune_expected": 6, "commune_occurrences_held": 2, "commune_missing": 4}),
        ("commune-90103", "2016", "then", {"commune_meetings": 1, "commune_extra": 1, "commune_expected": 9}),
        ("district-901", "2016-Q1", "then", {"district_meetings": 2, "district_on_time": 1, "district_extra": 1,
                                             "district_attendance": 300, "opinions_received": 7}),
        ("district-902", "2016", "then", {"district_meetings": 1, "district_late": 1, "commune_expected": 30}),
        ("district-901", "2017", "then", {"commune_meetings": 1, "commune_expected": 10, "district_expected": 1}),
        ("district-901", "2017", "now", {"commune_meetings": 1, "commune_expected": 16, "district_meetings": 1}),
    ],
)  # fmt: skip
def test_figures_counted_by_hand(world, key, period, boundaries, numbers):
    period = Period.parse(period)
    found = figures(unit_by_key(key, None if boundaries == "now" else period, TODAY), period, boundaries, TODAY)
    assert {name: found[name] for name in numbers} == numbers


def test_units_move_with_their_parents(world):
    def parents(code):
        versions = UnitVersion.objects.filter(unit__code=code).order_by("valid_from")
        return list(versions.values_list("parent__code", "valid_from", "valid_to"))

    begun, moved, merged = date(2014, 1, 1), date(2017, 4, 1), date(2016, 7, 1)
    assert parents("90201") == [("902", begun, moved), ("901", moved, None)]
    assert parents("90102-01") == [("90102", begun, merged), ("90101", merged, None)]
    assert parents("90203") == [("902", begun, merged), ("901", merged, None)]
    assert Unit.objects.get(key="district-902-20140101").kind == "thi_xa"
    links = UnitSuccession.objects.values_list("predecessor__key", "successor__key", "kind", "effective_on")
    assert set(links) == {
        ("commune-90102-20140101", "commune-90101-20140101", "whole", merged),
        ("commune-90203-20140101", "commune-90203-20160701", "whole", merged),
        ("commune-90103-20140101", None, "abolished", date(2016, 10, 16)),
        ("district-902-20140101", "district-901-20140101", "whole", moved),
    }


def test_meetings_and_opinions_as_if_they_had_been_logged(world):
    last = Meeting.objects.get(source_key="scenario:m4")
    assert (last.held_on, f"{last.started_at:%H:%M}", last.occurrence.period) == (
        date(2016, 12, 31),
        "23:30",
        "2016-12",
    )
    assert Meeting.objects.get(source_key="scenario:m2").title == "Hội nghị giao ban tháng 2/2016 Xã Đồng Tâm"
    restricted = Opinion.objects.get(source_key="scenario:o3")
    assert (restricted.visibility, restricted.status) == ("restricted", "recorded")
    assert restricted.due_on == date(2016, 4, 4)  # day 30 is a Saturday
    answered = Opinion.objects.get(source_key="scenario:o1")
    assert (answered.status, answered.settled_on, answered.is_open) == ("answered_on_spot", date(2016, 1, 28), False)
    assert list(answered.moves.values_list("verb", "before", "after")) == [("answer_on_spot", "", "answered_on_spot")]
    assert list(restricted.moves.values_list("verb", "before", "after")) == [("record", "", "recorded")]
    assert Opinion.objects.get(source_key="scenario:o15").commune.code == "90101"
    assert Opinion.objects.get(source_key="scenario:o13").commune is None
    for occurrence in Occurrence.objects.all():
        loaded = occurrence.begun_on, occurrence.met_on, occurrence.is_exempt
        refresh_occurrence(occurrence)
        assert (occurrence.begun_on, occurrence.met_on, occurrence.is_exempt) == loaded


def test_tallies_are_those_of_a_rebuild(world):
    def rows():
        return [sorted(model.objects.values_list(*columns)) for model, columns in tallies]

    names = [[f.attname for f in model._meta.fields if f.name != "id"] for model in (MeetingMonth, OpinionMonth)]
    names = [[n for n in columns if n not in ("district_id", "commune_id")] for columns in names]
    tallies = list(zip((MeetingMonth, OpinionMonth), names, strict=True))
    loaded = rows()
    rebuild_meetings()
    rebuild_opinions()
    assert rows() == loaded


def test_accounts_sign_in_and_reach_their_own_branch_only(world):
    browser = Client()
    answer = browser.post("/dang-nhap/", {"username": "dong-tam", "password": "mau-1"})
    assert (answer.status_code, "_auth_user_id" in browser.session) == (302, True)
    sample = User.objects.get(username="dong-tam")
    assert (sample.is_sample, sample.must_change_password) == (True, False)
    seen = {
        name: Meeting.objects.visible_to(User.objects.get(username=name)).count() for name in ("dong-tam", "hai-lang")
    }
    assert seen == {"dong-tam": 7, "hai-lang": 2}
    former = User.objects.get(username="hai-lang").scope.grants
    assert [grant.writes for grant in former] == [False]
    bodies = {
        post.unit.code: post.body.name for post in Post.objects.filter(role="agency").select_related("unit", "body")
    }
    assert bodies == {"90201": "UBND phường Quảng La", "902": "UBND thị xã Bình Khê"}
    texts = Opinion.objects.visible_to(User.objects.get(username="yen-son")).values_list("source_key", flat=True)
    assert {"scenario:o3", "scenario:o14"} & set(texts) == set()
    assert Opinion.objects.visible_to(User.objects.get(username="lanh-dao")).filter(source_key="scenario:o14").exists()


def test_people_hold_the_posts_of_the_file(world):
    posts = Post.objects.filter(role="").order_by("person__source_key")
    assert list(posts.values_list("position", "title", "person__phone")) == [
        ("cell_secretary", "", "0912345678"),
        ("village_head", "Trưởng thôn", ""),
        ("front_board_head", "", "0987654321"),
        ("other", "Phó Trưởng đoàn giám sát", "0977000111"),
    ]


def row_counts():
    return {model._meta.label: model._base_manager.count() for model in apps.get_models(include_auto_created=True)}


def test_the_same_file_again_changes_nothing(world, load):
    before, marks = row_counts(), list(Meeting.objects.order_by("pk").values_list("pk", "version", "locked_on"))
    shuffled = content()
    shuffled["meetings"].reverse()
    for data in (content(), shuffled):
        assert load(data) == world | {"changed": False}
    assert row_counts() == before
    assert list(Meeting.objects.order_by("pk").values_list("pk", "version", "locked_on")) == marks


def test_other_data_is_refused_until_reset(cast, load):
    kept = row_counts()
    with pytest.raises(CommandError, match="--reset"):
        load(content())
    assert row_counts() == kept
    seal_activity()
    load(content(), reset=True)
    fresh = row_counts()
    assert (fresh["people.User"], fresh["meetings.Meeting"], fresh["units.Unit"]) == (8, 17, 12)
    assert not User.objects.filter(username="nguoingoai").exists()
    assert Topic.objects.filter(code="OTHER").exists()
    seal_activity()
    assert verify_chain() == []
    changed = content()
    changed["meetings"][0]["attended"] = 31
    with pytest.raises(CommandError, match="--reset"):
        load(changed)
    load(changed, reset=True)
    assert Meeting.objects.get(source_key="scenario:m1").attendance_count == 31
    assert row_counts() | {"core.Activity": 0} == fresh | {"core.Activity": 0}


def test_units_alone_are_no_data(tree, load):
    assert load(content())["changed"]
    assert Unit.objects.count() == 12


def test_a_reset_takes_the_files_along(world, load, django_capture_on_commit_callbacks):
    attachment = settings.FILES / "meetings" / "old.pdf"
    attachment.parent.mkdir(parents=True, exist_ok=True)
    attachment.write_bytes(b"%PDF-")
    meeting = Meeting.objects.first()
    meeting.files.create(name="old.pdf", path="meetings/old.pdf", content_type="application/pdf", size=5, digest="x")
    with django_capture_on_commit_callbacks(execute=True):
        load(content(), reset=True)
    assert not attachment.exists()


def change(path, value):
    """`units.2.parent` of a copy of the small world set to a value."""
    data = content()
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    place = data
    for step in steps:
        place = place[step]
    place[last] = value
    return data


REFUSED = [
    ("format", "giaoban-scenario/2", r"\$\.format: .*giaoban-scenario/1"),
    ("tz", "UTC", r"\$\.tz: .*Asia/Ho_Chi_Minh"),
    ("units.3.kind", "xã", r"\$\.units\[3\]\.kind"),
    ("units.3.code", "90102", r"\$\.units\[\d\]\.code: .*đã dùng"),
    ("units.3.valid_from", "2016-02-30", r"\$\.units\[3\]\.valid_from"),
    ("units.4.valid_to", "2013-12-31", r"\$\.units\[4\]\.valid_to"),
    ("units.3.parent", "90101-01", r"\$\.units\[3\]\.parent: .*thôn, khu"),
    ("units.3.parent", "90101", r"\$\.units\[3\]\.parent: .*cấp xã"),
    ("units.3.parent", "999", r"\$\.units\[3\]\.parent: .*999"),
    ("units.3.parent", None, r"\$\.units\[3\]\.parent"),
    ("units.1.valid_from", "2015-01-01", r"\$\.units\[3\]\.parent: .*không hoạt động ngày 01/01/2014"),
    ("units.4.successor", "90102", r"\$\.units\[4\]\.successor: .*không hoạt động ngày 01/07/2016"),
    ("units.3.successor", "90102", r"\$\.units\[3\]\.successor"),
    ("units.4.successor", None, r"\$\.units\[11\]\.parent: .*Xã Hải Lạng kết thúc"),
    ("accounts.0.role", "boss", r"\$\.accounts\[0\]\.role"),
    ("accounts.0.role", "leader", r"\$\.accounts\[0\]\.unit: .*cấp huyện"),
    ("accounts.0.unit", "999", r"\$\.accounts\[0\]\.unit"),
    ("accounts.0.username", "hai-lang", r"\$\.accounts\[1\]\.username: .*đã dùng"),
    ("accounts.0.password", "", r"\$\.accounts\[0\]\.password"),
    ("people.0.phone", "12", r"\$\.people\[0\]\.phone"),
    ("people.0.id", "n2", r"\$\.people\[1\]\.id: .*đã dùng"),
    ("meetings.0.level", "province", r"\$\.meetings\[0\]\.level"),
    ("meetings.0.level", "district", r"\$\.meetings\[0\]\.period: .*theo quý"),
    ("meetings.0.unit", "901", r"\$\.meetings\[0\]\.unit: .*cấp huyện"),
    ("meetings.0.period", "2016-Q1", r"\$\.meetings\[0\]\.period: .*theo tháng"),
    ("meetings.0.period", "tháng 1", r"\$\.meetings\[0\]\.period: .*không đọc được"),
    ("meetings.13.period", "2016-01", r"\$\.meetings\[13\]\.period: .*theo quý"),
    ("meetings.0.held_at", "2999-01-28T08:00:00+07:00", r"\$\.meetings\[0\]\.held_at: .*tương lai"),
    ("meetings.0.held_at", "2015-12-26T08:00:00+07:00", r"\$\.meetings\[0\]\.held_at: .*quá sớm"),
    ("meetings.0.held_at", "28/01/2016", r"\$\.meetings\[0\]\.held_at"),
    ("meetings.5.held_at", "2016-07-01T00:10:00+07:00", r"\$\.meetings\[5\]\.unit: .*không hoạt động ngày 01/07/2016"),
    ("meetings.5.held_at", "2016-06-30T17:10:00Z", r"\$\.meetings\[5\]\.unit: .*không hoạt động ngày 01/07/2016"),
    ("meetings.0.attended", -1, r"\$\.meetings\[0\]\.attended"),
    ("meetings.0.attended", 2.5, r"\$\.meetings\[0\]\.attended"),
    ("meetings.0.attended", True, r"\$\.meetings\[0\]\.attended"),
    ("meetings.0.id", "m2", r"\$\.meetings\[1\]\.id: .*đã dùng"),
    ("meetings.0.opinions.0.id", "o2", r"\$\.meetings\[0\]\.opinions\[1\]\.id: .*đã dùng"),
    ("meetings.0.opinions.0.text", "  ", r"\$\.meetings\[0\]\.opinions\[0\]\.text"),
    ("meetings.0.opinions.0.status", "closed", r"\$\.meetings\[0\]\.opinions\[0\]\.status"),
    ("meetings.0.opinions.0.confidential", "yes", r"\$\.meetings\[0\]\.opinions\[0\]\.confidential"),
    ("meetings.0.opinions.0.confidental", True, r"\$\.meetings\[0\]\.opinions\[0\]\.confidental: không có trường này"),
    ("meetings.0.opinions.0.village", "90102-01", r"\$\.meetings\[0\]\.opinions\[0\]\.village: .*không thuộc"),
    ("meetings.0", 7, r"\$\.meetings\[0\]: "),
]


@pytest.mark.parametrize(("path", "value", "words"), REFUSED, ids=[f"{path}={value}" for path, value, _ in REFUSED])
def test_a_wrong_file_is_refused_whole_with_the_place(db, load, path, value, words):
    with pytest.raises(CommandError, match=words):
        load(change(path, value))
    assert (Unit.objects.exists(), User.objects.exists(), Activity.objects.exists()) == (False, False, False)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("units.5.parent", "90"),
        ("meetings.0.held_at", "2015-12-27T08:00:00+07:00"),
        ("meetings.0.held_at", "2016-01-28T08:00:00"),
        ("meetings.0.id", 17),
        ("meetings.0.note", "trường của hệ thống khác"),
        ("accounts.0.role", "commune_leader"),
    ],
)
def test_what_the_format_allows(db, load, path, value):
    assert load(change(path, value))["changed"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "NaN", '{"units": 3}'])
def test_what_is_no_scenario_is_refused(db, load, text):
    with pytest.raises(CommandError, match="Sửa"):
        load(text)
    assert not Unit.objects.exists()


def test_units_of_an_abolished_district_lie_under_the_province(db, load):
    """The reform of 1/7/2025: districts end without successor, their communes go on."""
    data = copy.deepcopy(content())
    data["units"][2]["successor"] = None
    load(data)
    moved = UnitVersion.objects.get(unit__code="90201", valid_from=date(2017, 4, 1))
    assert moved.parent.code == "90"
    assert Person.objects.filter(source_key__startswith="scenario:").count() == 4
