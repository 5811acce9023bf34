"""Forms and filters of the training and commendation registers."""

from crispy_forms.layout import Layout
from django import forms

from core.forms import DayField, GuidedForm, LeanSelect, NameField, WordsField, side_by_side
from meetings.lists import BranchFilter
from people.enums import VILLAGE_POSITIONS, Position
from people.models import Post
from units.models import Unit
from visits.enums import CommendationForm as Praise
from visits.openings import NO_CHOICE
from visits.registers.services import CommendationFacts, CourseFacts

PICKER = {"data-picker": ""}
POSITIONS = (*VILLAGE_POSITIONS, Position.CELL_DEPUTY, Position.VILLAGE_DEPUTY, Position.RESIDENTS_REP)
MOST_TURNS = 100_000


class RegisterFilter(BranchFilter):
    """Words, unit and period."""

    KEPT = ("q", "don-vi", "ky")

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        self.fields = {name: self.fields[name] for name in (*self.KEPT, *self.own_fields())}

    def apply(self, rows):
        return self.select(rows).matching(self.cleaned_data.get("q"))


class CommendationFilter(RegisterFilter):
    def own_fields(self):
        choices = [("", "Mọi hình thức"), *Praise.choices]
        return {"hinh-thuc": forms.ChoiceField(label="Hình thức", required=False, choices=choices)}

    def apply(self, rows):
        rows, form = super().apply(rows), self.cleaned_data.get("hinh-thuc")
        return rows.filter(form=form) if form else rows


class CourseForm(GuidedForm):
    unit = forms.TypedChoiceField(label="Đơn vị mở lớp", coerce=int)
    title = NameField(label="Tên lớp", max_length=250)
    started_on = DayField(label="Từ ngày")
    ended_on = DayField(label="Đến ngày")
    location = NameField(label="Địa điểm", max_length=200, required=False)
    document = NameField(label="Văn bản mở lớp", max_length=120, required=False, help_text="Ví dụ: 35-KH/BDV")
    content = WordsField(label="Nội dung", rows=3, limit=10_000, required=False)
    counted_turns = forms.IntegerField(
        label="Số lượt, khi không có danh sách",
        min_value=1,
        max_value=MOST_TURNS,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text="Để trống nếu sẽ ghi danh sách học viên. Chỉ dùng cho năm cũ, khi chỉ còn con số.",
    )
    source = NameField(label="Nguồn của con số", max_length=200, required=False, help_text="Ví dụ: Báo cáo năm 2018")
    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, units, **options):
        super().__init__(*args, **options)
        self.fields["unit"].choices = units

    def layout(self):
        return Layout("title", "unit", side_by_side("started_on", "ended_on"))

    def facts(self):
        data = {name: self.cleaned_data[name] for name in CourseFacts.__dataclass_fields__}
        return CourseFacts(**data | {"unit": Unit.objects.get(pk=data["unit"])})


class TurnFilter(GuidedForm):
    """Narrows the roster from which participants are ticked."""

    xa = forms.ChoiceField(label="Xã, phường", required=False, widget=LeanSelect())
    chuc_danh = forms.ChoiceField(
        label="Chức danh",
        required=False,
        choices=[("", "Mọi chức danh"), *((position.value, position.label) for position in POSITIONS)],
    )
    q = NameField(label="Tìm theo tên", max_length=80, required=False)

    def __init__(self, data, *, communes):
        super().__init__(data)
        self.communes = {unit.key: unit for unit in communes}
        self.fields["xa"].choices = [("", "Tất cả"), *((key, unit.name) for key, unit in self.communes.items())]

    def values(self):
        data = self.cleaned_data
        return {"commune": self.communes.get(data["xa"]), "position": data["chuc_danh"], "words": data["q"]}


class CommendForm(GuidedForm):
    post = forms.TypedChoiceField(
        label="Người được khen",
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs=PICKER),
        help_text="Chọn một người, hoặc để trống và chọn thôn, khu ở mục dưới.",
    )
    village = forms.TypedChoiceField(
        label="Hoặc thôn, khu được khen",
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs=PICKER),
    )
    form = forms.ChoiceField(label="Hình thức", choices=[NO_CHOICE, *Praise.choices])
    issuer = NameField(label="Cơ quan khen", max_length=160, help_text="Ví dụ: Ủy ban nhân dân xã")
    decision_number = NameField(label="Số quyết định", max_length=60, required=False)
    decided_on = DayField(label="Ngày khen")
    reason = WordsField(label="Thành tích", rows=3, limit=10_000)
    initiative = forms.TypedChoiceField(
        label="Hiến kế, cách làm hay đi kèm",
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.Select(attrs=PICKER),
        help_text="Chỉ có những ý kiến không hạn chế xem và không giấu tên người nêu.",
    )
    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, posts, villages, initiatives, unread=None, **options):
        super().__init__(*args, **options)
        self.unread = unread
        self.initiatives = {initiative.pk: initiative for initiative in initiatives}
        self.fields["post"].choices = [("", "Chọn người…"), *posts]
        self.fields["village"].choices = [("", "Chọn thôn, khu…"), *villages]
        labels = [(pk, initiative_label(initiative)) for pk, initiative in self.initiatives.items()]
        self.fields["initiative"].choices = [("", "Không có"), *labels]

    def facts(self):
        data = self.cleaned_data
        names = ("form", "issuer", "decision_number", "decided_on", "reason")
        post, village = data["post"], data["village"]
        return CommendationFacts(
            post=Post.objects.select_related("unit", "person").get(pk=post) if post else None,
            village=Unit.objects.get(pk=village) if village else None,
            initiative=self.initiatives.get(data["initiative"], self.unread),
            **{name: data[name] for name in names},
        )


def initiative_label(initiative):
    text = " ".join(initiative.opinion.text.split())
    return f"YK-{initiative.opinion_id}: {text[:80]}{'…' if len(text) > 80 else ''}"
