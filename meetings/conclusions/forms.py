"""Forms of what a meeting leaves to be done: lines of its conclusion, announcements, reports of passing them on."""

from django import forms
from django.forms import formset_factory

from core.errors import DomainError
from core.forms import GuidedForm, GuidedFormSet, LeanSelect
from core.merging import MergingRows
from core.text import clean_text, fold
from meetings.conclusions.services import AnnouncementDraft, TaskingDraft
from meetings.enums import TaskingStatus
from meetings.lists import BranchFilter
from meetings.rules import MOST_REACHED
from meetings.services.attendance import roster_on
from units.enums import Level
from units.reads import bodies_for

BLANK_ROWS, MOST_ROWS = 3, 60
DAY_HINT = "ngày/tháng/năm"
DAY = {"placeholder": DAY_HINT, "autocomplete": "off"}
OVERDUE, ALL = "qua-han", "all"
STATES = [("", "Chưa xong"), (OVERDUE, "Quá hạn"), (ALL, "Tất cả"), *TaskingStatus.choices[1:]]


class Words(forms.CharField):
    """Free text of a few lines, kept clean."""

    def __init__(self, rows=2, max_length=1000, **kwargs):
        super().__init__(max_length=max_length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def clean(self, value):
        return clean_text(super().clean(value))


class People:
    """Who may be charged at a unit on a day, by name: 'Nguyễn Văn An – Bí thư chi bộ Thôn 1'."""

    def __init__(self, unit, day):
        seats = [seat for seat in roster_on(unit, day) if unit.level == Level.COMMUNE or seat.unit_id == unit.pk]
        self.labels = {seat.person_id: f"{seat.name} – {seat.duties}" for seat in seats}
        self.names = {seat.person_id: seat.name for seat in seats}

    def find(self, word, known=None):
        """The person of a label or a name; `known` (id, label) is who was written there before."""
        folded = fold(word)
        if known and folded == fold(known[1]):
            return known[0]
        exact = [pk for pk, label in self.labels.items() if fold(label) == folded]
        found = exact or [pk for pk, name in self.names.items() if fold(name) == folded]
        if len(found) == 1:
            return found[0]
        if found:
            raise DomainError(f"Có {len(found)} người tên “{word}”. Chọn đúng người trong danh sách gợi ý.")
        raise DomainError(f"Không có “{word}” trong danh sách đại biểu của đơn vị. Chọn trong danh sách gợi ý.")


class TaskingForm(GuidedForm):
    """One line; a row left blank is none."""

    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = Words(label="Nội dung giao", required=False)
    body = forms.TypedChoiceField(label="Cơ quan chủ trì", required=False, coerce=int, empty_value=None)
    person = forms.CharField(label="Người phụ trách", required=False, max_length=300)
    due_on = forms.DateField(label="Hạn hoàn thành", required=False, widget=forms.DateInput(attrs=DAY))
    drop_reason = forms.CharField(label="Lý do không thực hiện nữa", required=False, max_length=500)

    def __init__(self, *args, bodies, people, known, **kwargs):
        super().__init__(*args, **kwargs)
        self.people, self.known = people, known
        self.fields["body"].widget = LeanSelect()
        self.fields["body"].choices = bodies
        self.fields["person"].widget.attrs |= {"list": "people", "autocomplete": "off"}

    @property
    def is_blank(self):
        data = self.cleaned_data
        return not any(data.get(name) for name in ("pk", "text", "due_on", "person", "body"))

    def clean(self):
        data = super().clean()
        word = clean_text(data.get("person") or "")
        data["person_id"] = None
        if word:
            try:
                data["person_id"] = self.people.find(word, self.known.get(data.get("pk")))
                data["person"] = self.labels.get(data["person_id"], word)
            except DomainError as refusal:
                self.add_error("person", refusal.message)
        return data

    @property
    def labels(self):
        """One word for one person, however the name was typed."""
        return dict(self.known.values()) | self.people.labels

    def draft(self):
        data = self.cleaned_data
        named = {name: data.get(name) for name in ("text", "due_on", "person_id", "pk")}
        return TaskingDraft(body_id=data.get("body"), drop_reason=clean_text(data["drop_reason"]), **named)


class MergingGrid(MergingRows, GuidedFormSet):
    """Lines that two people may write at once."""


def tasking_rows(meeting, lines, today, data=None):
    """The grid of a meeting's conclusion: open lines and blank ones."""
    bodies = {body.pk: body.name for body in bodies_for(meeting.unit, today)}
    bodies |= {line.body_id: line.body.name for line in lines if line.body_id}
    people = People(meeting.unit, today)
    known = {
        line.pk: (line.person_id, people.labels.get(line.person_id, line.person.name))
        for line in lines
        if line.person_id
    }
    saved = {
        line.pk: {"text": line.text, "body": line.body_id, "due_on": line.due_on}
        | {"person": known[line.pk][1] if line.pk in known else ""}
        for line in lines
    }
    ended = {str(line.pk) for line in lines if line.status != TaskingStatus.OPEN}
    initial = [{"pk": pk} | row for pk, row in saved.items() if str(pk) not in ended]
    grid = formset_factory(TaskingForm, MergingGrid, extra=BLANK_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    choices = [("", "– chọn cơ quan –"), *bodies.items()]
    kwargs = {"bodies": choices, "people": people, "known": known}
    rows = grid(data, prefix="lines", initial=initial, form_kwargs=kwargs)
    rows.people = sorted(people.labels.values())
    return rows.begin_merging(f"taskings-{meeting.pk}", lines, saved, ended)


class AnnouncementForm(GuidedForm):
    pk = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = Words(label="Nội dung cần truyền đạt", required=False)
    due_on = forms.DateField(label="Truyền đạt xong trước ngày", required=False, widget=forms.DateInput(attrs=DAY))

    def draft(self):
        return AnnouncementDraft(**{name: self.cleaned_data.get(name) for name in ("text", "due_on", "pk")})

    @property
    def is_blank(self):
        return not any(self.cleaned_data.get(name) for name in ("pk", "text", "due_on"))

    def clean(self):
        data = super().clean()
        if data.get("due_on") and not data.get("text") and not data.get("pk"):
            self.add_error("text", "Nhập nội dung cần truyền đạt.")
        return data


def announcement_rows(meeting, lines, data=None):
    """Saved lines and blank ones; the first time, the lines of what the officer wrote down as announced."""
    saved = {line.pk: {"text": line.text, "due_on": line.due_on} for line in lines}
    initial = [{"pk": pk} | row for pk, row in saved.items()]
    if not initial:
        initial = [{"text": row.strip()} for row in meeting.announcements.splitlines() if row.strip()][:MOST_ROWS]
    grid = formset_factory(AnnouncementForm, MergingGrid, extra=BLANK_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS)
    rows = grid(data, prefix="lines", initial=initial)
    return rows.begin_merging(f"announcements-{meeting.pk}", lines, saved)


class FinishForm(GuidedForm):
    result = Words(label="Kết quả đã làm được", rows=3, max_length=2000)
    done_on = forms.DateField(label="Ngày hoàn thành", help_text=f"Dạng {DAY_HINT}.")


class RelayForm(GuidedForm):
    """One unit's report on one announcement."""

    relayed_on = forms.DateField(label="Ngày truyền đạt", widget=forms.DateInput(attrs=DAY))
    reach_count = forms.IntegerField(label="Số người được nghe", required=False, min_value=0, max_value=MOST_REACHED)
    questions = Words(label="Câu hỏi, ý kiến gửi lại", required=False, max_length=2000)

    def clean_reach_count(self):
        return self.cleaned_data["reach_count"] or 0


class RelayManyForm(GuidedForm):
    """All announcements of a meeting at once, for one unit or for all."""

    relayed_on = forms.DateField(label="Ngày truyền đạt", widget=forms.DateInput(attrs=DAY))
    reach_count = forms.IntegerField(
        label="Số người được nghe ở mỗi nơi", required=False, min_value=0, max_value=MOST_REACHED
    )
    unit = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_reach_count(self):
        return self.cleaned_data["reach_count"] or 0


class TaskingFilter(BranchFilter):
    """Unit and state of the list of lines owed."""

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        self.today = today
        for name in ("muc", "q", "cap", "ky"):
            self.fields.pop(name, None)
        if not user.scope.content_grants:
            del self.fields["don-vi"]

    def own_fields(self):
        return {"trang-thai": forms.ChoiceField(label="Trạng thái", required=False, choices=STATES)}

    def apply(self, taskings):
        data = self.cleaned_data
        state = data.get("trang-thai")
        if data.get("don-vi"):
            taskings = taskings.filter(self.place())
        if state == OVERDUE:
            taskings = taskings.overdue(self.today)
        elif not state:
            taskings = taskings.unfinished()
        elif state != ALL:
            taskings = taskings.filter(status=state)
        return taskings
