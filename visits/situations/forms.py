"""Forms of situations: what happened and who knew when; the steps; the explanation and the word on it."""

from datetime import datetime

from django import forms
from django.utils import timezone

from core.forms import ClockField, DayField, GuidedForm, NameField, WordsField
from units.models import Unit
from visits.enums import Knower
from visits.openings import NO_CHOICE
from visits.situations.services import SituationFacts

PICKER = {"data-picker": ""}


def moment_of(day, clock):
    return timezone.make_aware(datetime.combine(day, clock)) if day and clock else None


def parts_of(name, moment):
    """The initial values of a day and a clock field."""
    local = timezone.localtime(moment) if moment else None
    return {f"{name}_on": local and local.date(), f"{name}_clock": local and local.time()}


class MomentForm(GuidedForm):
    """A day and a clock belong together: `moment(name)` of `<name>_on` and `<name>_clock`."""

    moments = ()

    def clean(self):
        data = super().clean()
        for name in self.moments:
            day, clock = data.get(f"{name}_on"), data.get(f"{name}_clock")
            if day and clock is None and f"{name}_clock" not in self.errors:
                self.add_error(f"{name}_clock", "Nhập giờ; không rõ thì ghi giờ ước chừng, ví dụ 07:30.")
            if clock is not None and day is None and f"{name}_on" not in self.errors:
                self.add_error(f"{name}_on", "Có giờ mà chưa có ngày. Nhập ngày dạng ngày/tháng/năm.")
        return data

    def moment(self, name):
        return moment_of(self.cleaned_data.get(f"{name}_on"), self.cleaned_data.get(f"{name}_clock"))


class SituationForm(MomentForm):
    unit = forms.TypedChoiceField(label="Nơi xảy ra", coerce=int, widget=forms.Select(attrs=PICKER))
    title = NameField(label="Sự việc", max_length=250, help_text="Một câu ngắn, không nêu tên người dân.")
    account = WordsField(label="Diễn biến", rows=4, limit=10_000)
    happened_on = DayField(label="Ngày xảy ra")
    happened_clock = ClockField(label="Giờ xảy ra")
    reported_on = DayField(label="Ngày báo cáo", required=False)
    reported_clock = ClockField(label="Giờ báo cáo", required=False)
    reported_to = NameField(label="Báo cáo với", max_length=200, required=False)
    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, places, knowers, **options):
        super().__init__(*args, **options)
        self.fields["unit"].choices = places
        self.knowers = knowers
        self.moments = ("happened", "reported", *knowers)
        for knower in knowers:
            label = Knower(knower).label
            self.fields[f"{knower}_on"] = DayField(label=f"{label} biết ngày", required=False)
            self.fields[f"{knower}_clock"] = ClockField(label="Lúc", required=False)
            self.fields[f"{knower}_from"] = NameField(label="Từ nguồn nào", max_length=200, required=False)

    def knower_rows(self):
        """The three fields of each knower, for the template."""
        return [
            {
                "label": Knower(knower).label,
                "day": self[f"{knower}_on"],
                "clock": self[f"{knower}_clock"],
                "source": self[f"{knower}_from"],
            }
            for knower in self.knowers
        ]

    def clean(self):
        data = super().clean()
        for knower in self.knowers:
            if data.get(f"{knower}_from") and not data.get(f"{knower}_on") and f"{knower}_on" not in self.errors:
                self.add_error(f"{knower}_on", f"Ghi {Knower(knower).label.lower()} biết ngày nào, lúc nào.")
        return data

    def facts(self):
        data = self.cleaned_data
        known = [(knower, self.moment(knower), data[f"{knower}_from"]) for knower in self.knowers]
        return SituationFacts(
            unit=Unit.objects.get(pk=data["unit"]),
            title=data["title"],
            account=data["account"],
            happened_at=self.moment("happened"),
            knowings=tuple(row for row in known if row[1]),
            reported_at=self.moment("reported"),
            reported_to=data["reported_to"],
        )


class SituationStepForm(MomentForm):
    """A step of a situation: it knows which state it was opened on."""

    version = forms.IntegerField(widget=forms.HiddenInput(attrs={"autocomplete": "off"}), localize=False)


class HandleForm(SituationStepForm):
    handling_on = DayField(label="Bắt đầu xử lý ngày")
    handling_clock = ClockField(label="Lúc")
    moments = ("handling",)

    def values(self):
        return {"version": self.cleaned_data["version"], "handling_at": self.moment("handling")}


class CloseForm(SituationStepForm):
    closed_on = DayField(label="Kết thúc ngày")
    closed_clock = ClockField(label="Lúc")
    outcome = WordsField(label="Kết quả xử lý", rows=3, limit=10_000)
    moments = ("closed",)

    def values(self):
        data = self.cleaned_data
        return {"version": data["version"], "closed_at": self.moment("closed"), "outcome": data["outcome"]}


class ReopenForm(SituationStepForm):
    reason = WordsField(label="Lý do mở lại", rows=2, limit=500)

    def values(self):
        return self.cleaned_data


class ResponsibleForm(SituationStepForm):
    assignment = forms.TypedChoiceField(label="Người phụ trách", coerce=int)

    def __init__(self, *args, assigned=(), **options):
        super().__init__(*args, **options)
        self.fields["assignment"].choices = [NO_CHOICE, *((each.pk, assignment_label(each)) for each in assigned)]

    def values(self):
        return {"version": self.cleaned_data["version"], "assignment_id": self.cleaned_data["assignment"]}


class ExplainForm(SituationStepForm):
    text = WordsField(label="Giải trình của đồng chí", rows=5, limit=10_000)

    def values(self):
        return self.cleaned_data


class ExplanationReviewForm(SituationStepForm):
    review = WordsField(label="Ý kiến của cấp trên", rows=4, limit=10_000)

    def values(self):
        return {"version": self.cleaned_data["version"], "text": self.cleaned_data["review"]}


def assignment_label(assignment):
    duty = "phụ trách phó" if assignment.is_deputy else "phụ trách chính"
    return f"{assignment.person.name}, {assignment.post.unit_title} ({duty})"
