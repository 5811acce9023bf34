"""Forms of the meeting entry page: the plan, the facts, the opinion rows."""

from dataclasses import replace
from datetime import date, datetime

from django import forms
from django.utils.formats import get_format

from core.errors import DomainError
from core.forms import (
    ClockField,
    DayField,
    GuidedForm,
    GuidedFormSet,
    LeanSelect,
    NameField,
    PersonNameField,
    WordsField,
)
from core.merging import MergingForm, plain
from core.text import clean_name, clean_person_name, fold
from feedback.enums import Competence, OpinionChannel, OpinionKind, Visibility
from meetings.enums import MEETING_HOSTS, ChairSeat, HostBody, MeetingForm, MeetingKind, Presence, form_label
from meetings.services import CountedGroup, Seat, SittingPlan
from units.forms import PlaceField
from units.naming import PlaceBook

ATTENDANCE_MODES = [("roster", "Điểm danh theo danh sách"), ("counted", "Chỉ ghi số lượng")]


class MeetingPlanForm(GuidedForm):
    """A new meeting. Choices of unit and occurrence are those the user may plan for."""

    occurrence = forms.ChoiceField(label="Kỳ giao ban", required=False)
    unit = forms.ChoiceField(label="Đơn vị tổ chức")
    kind = forms.ChoiceField(label="Loại hội nghị", choices=MeetingKind.choices, initial=MeetingKind.PERIODIC)
    planned_on = DayField(label="Ngày họp (dự kiến)")
    started_at = ClockField(label="Giờ bắt đầu", required=False)
    form = forms.ChoiceField(label="Hình thức", choices=MeetingForm.choices, initial=MeetingForm.HALL)
    host = forms.ChoiceField(label="Cơ quan triệu tập", choices=MEETING_HOSTS, initial=HostBody.PARTY)
    place = NameField(label="Địa điểm", required=False, max_length=200)
    link = NameField(label="Đường dẫn họp trực tuyến", required=False, max_length=300)
    title = NameField(
        label="Tên hội nghị", required=False, max_length=250, help_text="Để trống để lấy tên theo kỳ giao ban."
    )
    is_extra = forms.BooleanField(label="Đây là hội nghị thêm trong kỳ đã họp", required=False)
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, occurrences, **options):
        super().__init__(*args, **options)
        self.units = {str(unit.pk): unit for unit in units}
        self.occurrences = {str(occurrence.pk): occurrence for occurrence in occurrences}
        self.fields["unit"].choices = [(pk, unit.name) for pk, unit in self.units.items()]
        self.fields["occurrence"].choices = [("", "Không thuộc kỳ nào (chuyên đề, đột xuất)")] + [
            (pk, occurrence.label) for pk, occurrence in self.occurrences.items()
        ]

    def clean(self):
        data = super().clean()
        data["unit"] = self.units.get(data.get("unit"))
        data["occurrence"] = self.occurrences.get(data.get("occurrence"))
        if data["unit"] and data["occurrence"] and data["occurrence"].unit_id != data["unit"].pk:
            self.add_error("occurrence", "Kỳ giao ban này của đơn vị khác. Chọn lại kỳ hoặc đơn vị.")
        return data


class LeanChoice(forms.ChoiceField):
    """The grid has dozens of selects, each with every field of work."""

    widget = LeanSelect


class ChairChoice(LeanChoice):
    """Who chaired for one body; which posts there are depends on the day, so the service judges."""

    def valid_value(self, value):
        return True


class MeetingLogForm(GuidedForm):
    """What the officer writes of a held meeting."""

    title = NameField(label="Tên hội nghị", max_length=250)
    held_on = DayField(label="Ngày họp")
    started_at = ClockField(label="Giờ bắt đầu", required=False)
    ended_at = ClockField(label="Giờ kết thúc", required=False)
    form = forms.ChoiceField(label="Hình thức", choices=MeetingForm.choices)
    place = NameField(label="Địa điểm", required=False, max_length=200)
    link = NameField(label="Đường dẫn họp trực tuyến", required=False, max_length=300)
    chair_party = ChairChoice(label=ChairSeat.PARTY.label, required=False)
    chair_gov = ChairChoice(label=ChairSeat.GOV.label, required=False)
    chair_front = ChairChoice(label=ChairSeat.FRONT.label, required=False)
    chairs = WordsField(label="Chủ trì khác, hoặc ghi như biên bản", required=False, rows=2, limit=1000)
    secretary = NameField(label="Thư ký", required=False, max_length=200)
    timing_reason = NameField(label="Lý do họp muộn, họp bù", required=False, max_length=300)
    speaker_count = forms.IntegerField(
        label="Số người phát biểu", required=False, min_value=0, max_value=100_000, help_text="Không bắt buộc."
    )
    attendance_mode = forms.ChoiceField(label="Cách ghi đại biểu", choices=ATTENDANCE_MODES, widget=forms.RadioSelect)
    agenda = WordsField(label="Chương trình", required=False)
    announcements = WordsField(label="Nội dung cấp ủy, chính quyền thông báo", required=False)
    conclusions = WordsField(label="Kết luận của chủ trì", required=False)
    minutes = WordsField(label="Diễn biến hội nghị (biên bản)", required=False, rows=8)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    base = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, level="", **options):
        super().__init__(*args, **options)
        self.fields["form"].choices = [(form.value, form_label(form, level)) for form in MeetingForm]


class VersionedForm(GuidedForm):
    """A small form on the page of a meeting: it carries the version that was shown."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class ConcludeForm(MergingForm, VersionedForm):
    """The day of the conclusion; empty takes it back."""

    on = DayField(label="Ngày ra thông báo kết luận", required=False)

    def __init__(self, data=None, *, meeting):
        super().__init__(data, initial={"on": meeting.conclusion_on, "version": meeting.version})
        self.begin_merging(f"conclusion-{meeting.pk}")


class RebookForm(VersionedForm):
    occurrence = forms.IntegerField(label="Kỳ", min_value=1, max_value=2**62, error_messages={"required": "Chọn kỳ."})
    reason = NameField(label="Lý do họp muộn, họp bù", required=False, max_length=300)
    is_extra = forms.BooleanField(label="Đây là hội nghị thêm trong kỳ đã họp", required=False)


class JoinForm(VersionedForm):
    """Units that met together with the host; only the periods offered may be ticked."""

    occurrences = forms.MultipleChoiceField(
        label="Đơn vị họp chung", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, occurrences, **options):
        super().__init__(*args, **options)
        self.fields["occurrences"].choices = [(str(row.pk), row.unit.name) for row in occurrences]

    def clean(self):
        data = super().clean()
        data["ids"] = [int(pk) for pk in data.get("occurrences", ())]
        return data


class OpinionRowForm(GuidedForm):
    """One row of the opinion grid; an untouched row is left alone."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    basket = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    text = WordsField(label="Nội dung ý kiến", required=False, rows=2, limit=10_000)
    village = LeanChoice(label="Thôn, khu", required=False)
    raised_by_name = PersonNameField(label="Người nêu", required=False, max_length=120)
    kind = LeanChoice(label="Loại", choices=OpinionKind.choices, initial=OpinionKind.PETITION)
    topic = LeanChoice(label="Lĩnh vực", required=False)
    competence = LeanChoice(label="Thẩm quyền", choices=Competence.choices, initial=Competence.COMMUNE)
    channel = LeanChoice(label="Hình thức nêu", choices=OpinionChannel.choices, initial=OpinionChannel.ORAL)
    visibility = LeanChoice(label="Phạm vi xem", choices=Visibility.choices, initial=Visibility.NORMAL)
    answer = WordsField(label="Trả lời tại hội nghị (nếu có)", required=False, rows=2, limit=10_000)

    def __init__(self, *args, villages, topics, competences, **options):
        """`villages`: options of a select, or above the commune a PlaceBook to type in."""
        super().__init__(*args, **options)
        self.fields["text"].widget.attrs["data-grid-text"] = ""
        self.fields["raised_by_name"].widget.attrs |= {"list": "speakers", "data-suggest": "speakers"}
        if isinstance(villages, PlaceBook):
            label = "Nơi nêu: thôn, khu hoặc xã"
            self.fields["village"] = PlaceField(label=label, required=False, book=villages, source="places")
        else:
            self.fields["village"].choices = [("", "Không rõ, chung cả đơn vị"), *villages]
            self.fields["village"].widget.attrs["data-picker"] = ""
        self.fields["topic"].widget.attrs["data-picker"] = ""
        for name in ("village", "topic"):
            self.fields[name].widget.attrs["data-grid-keep"] = ""
        self.fields["topic"].choices = [("", "Chọn lĩnh vực"), *topics]
        self.fields["competence"].choices = competences

    def is_blank(self):
        """Nothing typed: choices alone do not make an opinion."""
        data = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        return not (data.get("text") or data.get("answer") or data.get("raised_by_name") or data.get("pk"))

    def clean(self):
        data = super().clean()
        if not self.is_blank() and not data.get("text") and "text" not in self.errors:
            self.add_error("text", "Nhập nội dung ý kiến, hoặc bỏ dòng này.")
        return data


class OpinionRowsBase(GuidedFormSet):
    """The grid's own refusals in Vietnamese."""

    default_error_messages = {
        "too_many_forms": "Mỗi lần ghi nhiều nhất %(num)d ý kiến. Bỏ bớt dòng rồi bấm Lưu.",
    }


OpinionRows = forms.formset_factory(
    OpinionRowForm, OpinionRowsBase, extra=0, can_delete=True, max_num=200, absolute_max=201, validate_max=True
)


GROUPS = ("Bí thư chi bộ", "Trưởng thôn, khu", "Trưởng ban công tác mặt trận", "Cơ quan, đoàn thể", "Khách mời")
MOST_ROWS = 1500
MOST_PERSONS = 100_000
PARTS = {
    "g:": ("guest_name", "guest_duty"),
    "c:": ("count_group", "count_unit", "count_number"),
    "s:": ("sitting_day", "sitting_who", "sitting_place", "sitting_count"),
}
"""Prefix of the keys of a part of the page: its columns, as `rows_by_key` and `typed_rows` order them."""
DETAILS = ("reason", "substitute")
IDENTITY = {"g:": 1, "c:": 2, "s:": 2}
"""How many of the columns say which row it is; rows of the same identity are told apart by their turn."""


def read_seats(data, roster):
    """The called people with what was ticked for each; somebody not in the list counts as present."""
    seats = []
    for seat in roster:
        presence = data.get(f"seat-{seat.person_id}", Presence.PRESENT)
        if presence not in Presence.values:
            raise DomainError(f"Chọn lại tình trạng dự họp của đồng chí {seat.name}.", "attendance")
        seats.append(
            replace(
                seat,
                presence=presence,
                reason=clean_name(data.get(f"reason-{seat.person_id}", ""))[:200],
                substitute=clean_person_name(data.get(f"substitute-{seat.person_id}", ""))[:120],
            )
        )
    return seats


def roster_changed(data, roster):
    """Names that came or went since the page was shown (the roster is that of the day of the meeting)."""
    shown = {key.removeprefix("seat-") for key in data if key.startswith("seat-")}
    expected = {str(seat.person_id) for seat in roster}
    return bool(shown) and shown != expected


def seat_value(presence, reason, substitute):
    """What a merge compares of one person: only what the presence gives a meaning to."""
    return [
        presence,
        plain(reason) if presence in (Presence.EXCUSED, Presence.ABSENT) else "",
        plain(substitute) if presence == Presence.SUBSTITUTED else "",
    ]


def typed_seats(data):
    """{key of a person: value} of what the page sent."""
    pks = [name.removeprefix("seat-") for name in data if name.startswith("seat-")]
    return {f"p:{pk}": seat_value(*(data.get(f"{name}-{pk}", "") for name in ("seat", *DETAILS))) for pk in pks}


def rows_by_key(prefix, rows):
    """{key: row} of one of the PARTS; a row of which only the identity's preset is there counts as empty."""
    found, identity = {}, IDENTITY[prefix]
    for row in rows:
        row = [clean_name(plain(cell)) for cell in row]
        if not (row[0] if prefix == "g:" else row[-1] if prefix == "c:" else row[0] or row[1]):
            continue
        key = prefix + "@".join(fold(cell) for cell in row[:identity])
        turn = sum(other == key or other.startswith(f"{key}#") for other in found)
        found[f"{key}#{turn}" if turn else key] = row
    return found


def typed_rows(prefix, data):
    """Rows of one of the PARTS as they were typed; None when the page did not have that part."""
    first, *rest = PARTS[prefix]
    if first not in data:
        return None
    columns = [data.getlist(first), *(data.getlist(name) for name in rest)]
    return [[column[turn] if turn < len(column) else "" for column in columns] for turn in range(len(columns[0]))]


def type_rows(prefix, data, rows):
    """Write rows of one of the PARTS into the data of a page."""
    for number, name in enumerate(PARTS[prefix]):
        data.setlist(name, [row[number] for row in rows])


def read_guests(data):
    """Guests written by name, with what they are."""
    names, duties = data.getlist("guest_name"), data.getlist("guest_duty")
    guests = []
    for name, duty in zip(names[:MOST_ROWS], duties[:MOST_ROWS], strict=False):
        name = clean_person_name(name)[:120]
        if name:
            guests.append(Seat(name=name, duties=clean_name(duty)[:300], is_guest=True))
    return guests


def count_rows(data):
    """[(group, unit id as typed, number as typed)] of the counted groups; an older page knows no units."""
    groups, numbers = data.getlist("count_group"), data.getlist("count_number")
    units = data.getlist("count_unit") or [""] * len(groups)
    return list(zip(groups, units, numbers, strict=False))


def read_counts(data, places):
    """Persons present by group, and by village where it was chosen (`places` {id: name}); each a whole number."""
    counts = []
    for group, unit, number in count_rows(data):
        number, group = _whole(number, f"Số đại biểu nhóm “{group}”", "counts"), clean_name(group)[:120]
        if unit and unit not in places:
            raise DomainError(f"Chọn lại thôn, đơn vị của nhóm “{group}” trong danh sách.", "counts")
        if number and group:
            counts.append(CountedGroup(group, number, int(unit) if unit else None))
    if len({(count.group, count.unit_id) for count in counts}) != len(counts):
        raise DomainError("Mỗi nhóm đại biểu của một đơn vị chỉ ghi một dòng. Cộng các dòng trùng lại.", "counts")
    return counts


def read_sittings(data, communes, clusters):
    """Sittings held per commune or cluster: `communes` {id: name}, `clusters` {id: (name, commune ids)}."""
    sittings = []
    columns = ("sitting_day", "sitting_place", "sitting_who", "sitting_count")
    for day, place, who, number in zip(*(data.getlist(column) for column in columns), strict=False):
        if not (day.strip() or who):
            continue
        kind, _, pk = who.partition("-")
        cluster = clusters.get(pk) if kind == "cluster" else None
        if not cluster and not (kind == "commune" and pk in communes):
            raise DomainError("Chọn cụm hoặc đơn vị dự cho từng cuộc họp.", "sittings")
        sittings.append(
            SittingPlan(
                held_on=_day(day),
                place=clean_name(place)[:200],
                commune_ids=tuple(cluster[1]) if cluster else (int(pk),),
                attendance=_whole(number, "Số đại biểu của cuộc họp", "sittings"),
                cluster_id=int(pk) if cluster else None,
            )
        )
    return sittings


def _whole(word, what, field):
    word = (word or "").strip().replace(".", "").replace(" ", "")
    if not word:
        return 0
    if not (word.isascii() and word.isdigit()) or len(word) > 6 or int(word) > MOST_PERSONS:
        raise DomainError(f"{what} phải là số nguyên từ 0 đến 100.000, ví dụ 31.", field)
    return int(word)


def _day(word):
    for form in get_format("DATE_INPUT_FORMATS"):
        try:
            return _parse(word.strip(), form)
        except ValueError:
            continue
    raise DomainError("Nhập ngày của từng cuộc họp dạng ngày/tháng/năm, ví dụ 25/11/2026.", "sittings")


def _parse(word, form):
    day = datetime.strptime(word, form).date()
    if not date(1945, 1, 1) <= day <= date(2100, 12, 31):
        raise ValueError
    return day
