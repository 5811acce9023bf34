"""The filters of the meeting lists: what the address says, checked, and what it selects."""

from types import SimpleNamespace

from django import forms
from django.db.models import Q
from django.urls import reverse

from core.errors import DomainError
from core.forms import GuidedFields, LeanSelect
from core.periods import Period
from meetings.cadence.reads import coverages
from meetings.enums import CADENCE_KINDS, HELD_STATES, MeetingForm, MeetingKind, MeetingStatus, Timeliness, form_label
from meetings.reads import in_sentence, state_words
from meetings.rules import timeliness, timeliness_of
from units.enums import Level
from units.models import Unit
from units.reads import regrouped

FIRST_YEAR = 2013
REGROUPED = "now"
"""The word of `ranh-gioi` for rows as the units are today."""

LEVELS = [("", "Mọi cấp"), (Level.COMMUNE, "Cấp xã"), (Level.DISTRICT, "Cấp huyện")]
REMOTE, EXTRA = "tu-xa", "them"
FORMS = [("", "Mọi hình thức"), *MeetingForm.choices, (REMOTE, "Trực tuyến hoặc kết hợp")]
KINDS = [("", "Mọi loại"), *MeetingKind.choices, (EXTRA, "Họp thêm ngoài kỳ")]
STATUSES = [
    ("", "Đã họp"),
    (MeetingStatus.HELD, "Chưa có biên bản"),
    (MeetingStatus.MINUTED, "Đã có biên bản"),
    (MeetingStatus.LOCKED, "Đã chốt"),
    (MeetingStatus.PLANNED, "Đã lên lịch"),
    (MeetingStatus.POSTPONED, "Hoãn"),
    (MeetingStatus.CANCELLED, "Hủy"),
]
STATES = [
    ("", "Mọi tình trạng"),
    ("expected", "Phải họp (đã đến hạn)"),
    ("held", "Đã họp"),
    *((state.value, state.label) for state in Timeliness if state not in (Timeliness.GRACE,)),
    ("exempt_late", "Miễn sau kỳ"),
]

CLOCK_CUTS = {
    "nhap": ("log", "Đã đến hạn nhập", None),
    "nhap-dung-han": ("log", "Nhập đúng hạn", "kept"),
    "nhap-muon": ("log", "Nhập muộn", "missed"),
    "ket-luan": ("conclusion", "Đã đến hạn ra kết luận", None),
    "ket-luan-dung-han": ("conclusion", "Ra kết luận đúng hạn", "kept"),
    "ket-luan-muon": ("conclusion", "Ra kết luận muộn, chưa ra", "missed"),
}
"""Cuts of the meetings by the clocks of logging and of the conclusion: (clock, label, part)."""


def period_choices(today, chosen=""):
    """Every year, and the quarters and months of this year and of the chosen one."""
    years = {today.year, _year_of(chosen)}
    choices = [("", "Mọi kỳ")]
    for year in range(today.year, FIRST_YEAR - 1, -1):
        whole = Period.year(year)
        parts = [*whole.parts("quarter"), *whole.parts("month")] if year in years else []
        choices += [(period.code, period.label) for period in (whole, *parts)]
    known = {code for code, _ in choices}
    return choices if chosen in known or not _is_period(chosen) else [*choices, (chosen, Period.parse(chosen).label)]


def _is_period(word):
    try:
        return bool(word and Period.parse(word))
    except DomainError:
        return False


def _year_of(word):
    return Period.parse(word).last.year if _is_period(word) else None


def year_of(word, today):
    """The year an address names, else this one."""
    if not word:
        return today.year
    if word.isascii() and word.isdigit() and len(word) == 4 and FIRST_YEAR <= int(word) <= today.year + 1:
        return int(word)
    raise DomainError(f"Năm phải từ {FIRST_YEAR} đến {today.year + 1}. Chọn lại năm.", "nam")


class BranchFields(forms.Form):
    """Text, unit, level and period: what both lists have in common."""

    def __init__(self, data, *, user, today):
        super().__init__(data)
        self.user, self.today = user, today
        search = forms.TextInput(attrs={"type": "search"})
        self.fields["muc"] = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
        self.fields["ranh-gioi"] = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
        self.fields["q"] = forms.CharField(label="Từ khóa", required=False, max_length=100, widget=search)
        self.fields["don-vi"] = forms.ChoiceField(
            label="Đơn vị", required=False, widget=LeanSelect(attrs={"data-picker": ""}), choices=self._units(today)
        )
        self.fields["cap"] = forms.ChoiceField(label="Cấp", required=False, choices=LEVELS)
        chosen = data.get("ky", "")
        self.fields["ky"] = forms.ChoiceField(
            label="Kỳ", required=False, widget=LeanSelect, choices=period_choices(today, chosen)
        )
        for name, field in self.own_fields().items():
            self.fields[name] = field

    def own_fields(self):
        return {}

    def _units(self, today):
        """Today's districts and communes of the user's branches; a closed one that the address names stays."""
        mine = Unit.objects.visible_to(self.user).filter(level__in=(Level.DISTRICT, Level.COMMUNE))
        word = self.data.get("don-vi", "")
        wanted = mine.on(today) | mine.filter(key=word) if word else mine.on(today)
        self.units = {unit.key: unit for unit in wanted.order_by("level", "code").distinct()}
        provinces = Unit.objects.visible_to(self.user).filter(level=Level.PROVINCE, key=word) if word else ()
        self.units |= {unit.key: unit for unit in provinces}
        return [("", "Tất cả đơn vị"), *((key, unit.name) for key, unit in self.units.items())]

    def place(self):
        """The condition for the chosen unit: rows of its branch as of their day, or regrouped (`ranh-gioi=now`)."""
        unit = self.units.get(self.cleaned_data.get("don-vi"))
        if unit is None:
            return Q()
        if self.cleaned_data.get("ranh-gioi") == REGROUPED:
            return regrouped(unit, self.today)[0]
        return Q(**{f"{unit.level}_id": unit.pk})

    def period(self):
        word = self.cleaned_data.get("ky")
        return Period.parse(word) if word else None

    def select(self, rows):
        """What both kinds of rows are narrowed by."""
        rows = rows.filter(self.place())
        if self.cleaned_data.get("cap"):
            rows = rows.filter(level=self.cleaned_data["cap"])
        return rows.in_period(self.period()) if self.period() else rows


class BranchFilter(GuidedFields, BranchFields):
    """The base of filters; every field, also those of `own_fields`, explains its refusals."""


class MeetingFilter(BranchFilter):
    def own_fields(self):
        return {
            "loai": forms.ChoiceField(label="Loại", required=False, choices=KINDS),
            "hinh-thuc": forms.ChoiceField(label="Hình thức", required=False, choices=FORMS),
            "trang-thai": forms.ChoiceField(label="Trạng thái", required=False, choices=STATUSES),
            "moc": forms.ChoiceField(
                label="Mốc thời gian",
                required=False,
                choices=[("", "Mọi mốc"), *((word, label) for word, (_, label, _) in CLOCK_CUTS.items())],
            ),
        }

    @property
    def is_held_list(self):
        return self.cleaned_data.get("trang-thai", "") in ("", *HELD_STATES)

    def apply(self, meetings):
        """Held meetings unless another state is asked for."""
        data = self.cleaned_data
        meetings = self.select(meetings).matching(data.get("q"))
        exact = {"kind": data.get("loai"), "form": data.get("hinh-thuc"), "status": data.get("trang-thai")}
        exact = {name: value for name, value in exact.items() if value and value not in (REMOTE, EXTRA)}
        meetings = meetings.filter(**exact)
        if data.get("hinh-thuc") == REMOTE:
            meetings = meetings.filter(form__in=(MeetingForm.ONLINE, MeetingForm.HYBRID))
        if data.get("loai") == EXTRA:
            meetings = meetings.beyond_rounds()
        if data.get("moc"):
            clock, _, part = CLOCK_CUTS[data["moc"]]
            meetings = meetings.clocked(clock, self.today)
            meetings = getattr(meetings, part)(clock) if part else meetings
        return meetings if data.get("trang-thai") else meetings.held()


class OccurrenceFilter(BranchFilter):
    def own_fields(self):
        return {"tinh-trang": forms.ChoiceField(label="Tình trạng", required=False, choices=STATES)}

    def apply(self, occurrences, today):
        """The same words as the statistics: held, on time, late, made up and missing are among the expected."""
        rows = self.select(occurrences)
        if self.cleaned_data.get("q"):
            rows = rows.filter(unit__in=Unit.objects.matching(self.cleaned_data["q"]))
        state = self.cleaned_data.get("tinh-trang")
        if state == Timeliness.WAITING:
            return rows.to_hold().filter(due_on__gte=today)
        return rows.counted("occurrences_held" if state == "held" else state, today) if state else rows


MEETING_COLUMNS = (
    *("pk", "held_on", "planned_on", "title", "unit__name", "level", "kind", "form", "status"),
    *("attendance_count", "opinion_count", "occurrence__due_on", "occurrence__late_until", "occurrence__met_on"),
)
OCCURRENCE_COLUMNS = (
    *("pk", "unit_id", "unit__name", "level", "period", "ends_on"),
    *("due_on", "late_until", "begun_on", "met_on", "is_exempt", "is_incomplete"),
)
STATUS_TONES = {
    MeetingStatus.PLANNED: "waiting",
    MeetingStatus.HELD: "progress",
    MeetingStatus.MINUTED: "progress",
    MeetingStatus.LOCKED: "done",
    MeetingStatus.POSTPONED: "soon",
    MeetingStatus.CANCELLED: "neutral",
}
_LATENESS = {Timeliness.LATE: "muộn", Timeliness.MADE_UP: "họp bù"}


def addresses(name):
    """A function from ids to addresses; the URL pattern is resolved once, not once a row."""
    head, _, tail = reverse(name, args=[0]).rpartition("0")
    return lambda pk: f"{head}{pk}{tail}"


def meeting_rows(found):
    """From dicts of MEETING_COLUMNS."""
    url_of = addresses("meeting_detail")
    for row in found:
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]),
            "title": row["title"],
            "unit": row["unit__name"],
            "day": row["held_on"] or row["planned_on"],
            "is_held": row["status"] in HELD_STATES,
            "kind": MeetingKind(row["kind"]).label,
            "form": form_label(row["form"], row.get("level")),
            "lateness": _lateness(row),
            "word": MeetingStatus(row["status"]).label,
            "tone": STATUS_TONES[row["status"]],
            "attendance": row["attendance_count"],
            "opinions": row["opinion_count"],
        }


def _lateness(row):
    """By the day on which the round was complete; a further meeting by its own day."""
    period = SimpleNamespace(due_on=row["occurrence__due_on"], late_until=row["occurrence__late_until"])
    if not (period.due_on and row["held_on"] and row["kind"] in CADENCE_KINDS and row["status"] in HELD_STATES):
        return ""
    if row["occurrence__met_on"] is None:
        return "chưa họp đủ"
    return _LATENESS.get(timeliness_of(max(row["held_on"], row["occurrence__met_on"]), period), "")


def occurrence_rows(found, today):
    """From dicts of OCCURRENCE_COLUMNS; rounds held by sittings say how many units they have reached."""
    url_of, found = addresses("occurrence_detail"), list(found)
    periods = [SimpleNamespace(**row) for row in found]
    covered = coverages([period for period in periods if period.begun_on])
    for row, period in zip(found, periods, strict=True):
        state, coverage = timeliness(period, today), covered.get(row["pk"])
        word, tone = state_words(state, coverage)
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]),
            "period": f"Kỳ {in_sentence(row['period'])}",
            "unit": row["unit__name"],
            "due_on": row["due_on"],
            "met_on": row["met_on"],
            "note": _note(state, row, today),
            "coverage": coverage.text if coverage and row["met_on"] else "",
            "word": word,
            "tone": tone,
        }


def _note(state, row, today):
    """How many days, in words."""
    if state in (Timeliness.LATE, Timeliness.MADE_UP):
        return f"sau hạn {(row['met_on'] - row['due_on']).days} ngày"
    if state in (Timeliness.GRACE, Timeliness.MISSING):
        return f"đã qua hạn {(today - row['due_on']).days} ngày"
    if state == Timeliness.WAITING:
        left = (row["due_on"] - today).days
        return f"còn {left} ngày" if left else "hạn hôm nay"
    return ""
