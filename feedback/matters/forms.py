"""Forms of matters: a new one, its name, what joins it, and the acts on all its opinions."""

import re

from django import forms

from core.forms import DayField, NameField, WordsField
from feedback.enums import Verb
from feedback.matters.services import MOST_MEMBERS
from feedback.models import Topic
from feedback.routing.reads import ELSEWHERE
from units.forms import ChangeForm, NewForm
from units.models import Body
from units.naming import body_choices

NUMBER = re.compile(r"^(?:YK-?)?(\d{1,18})$", re.IGNORECASE)
ANSWER_CHOICES = [
    (Verb.RESOLVE, "Giải quyết xong"),
    (Verb.EXPLAIN, "Giải trình, cung cấp thông tin"),
    (Verb.ACCEPT, "Tiếp thu"),
    (Verb.DECLINE, "Không có cơ sở giải quyết"),
]


class NumbersField(forms.CharField):
    """Numbers of opinions as people write them: `YK-12, YK-15` or one a line."""

    def __init__(self, **options):
        options.setdefault("widget", forms.Textarea(attrs={"rows": 2}))
        options.setdefault("help_text", "Ví dụ: YK-125, YK-131. Ngăn cách bằng dấu phẩy hoặc xuống dòng.")
        super().__init__(max_length=4000, **options)

    def clean(self, value):
        words = [word for word in re.split(r"[\s,;]+", super().clean(value)) if word]
        found = [NUMBER.match(word) for word in words]
        if wrong := [word for word, match in zip(words, found, strict=True) if not match]:
            raise forms.ValidationError(f"“{wrong[0][:30]}” không phải số ý kiến. Nhập dạng YK-125.")
        if len(words) > MOST_MEMBERS:
            raise forms.ValidationError(f"Mỗi lần gộp nhiều nhất {MOST_MEMBERS} ý kiến.")
        return list(dict.fromkeys(int(match[1]) for match in found))


def _offer_topics(form, today, topic_id=None):
    topics = Topic.objects.choices_on(today) | Topic.objects.filter(pk=topic_id)
    form.fields["topic"].choices = [("", "Chọn lĩnh vực"), *topics.distinct().values_list("pk", "name")]


class MatterForm(NewForm):
    title = NameField(label="Tên vấn đề", max_length=250, help_text="Ví dụ: Nước sạch cho các thôn ven biển.")
    topic = forms.ChoiceField(label="Lĩnh vực")
    numbers = NumbersField(label="Các ý kiến gộp chung")

    def __init__(self, data=None, *, today, initial=None):
        super().__init__(data, initial=initial)
        _offer_topics(self, today)


class MatterNameForm(ChangeForm):
    title = NameField(label="Tên vấn đề", max_length=250)
    topic = forms.ChoiceField(label="Lĩnh vực")

    def __init__(self, data=None, *, matter, today):
        names = {"title": matter.title, "topic": matter.topic_id, "version": matter.version}
        super().__init__(data, initial=names, auto_id="name-%s")
        _offer_topics(self, today, matter.topic_id)


class AddForm(ChangeForm):
    numbers = NumbersField(label="Số ý kiến thêm vào")

    def __init__(self, data=None, *, matter):
        super().__init__(data, initial={"version": matter.version}, auto_id="add-%s")


class AnswerForm(ChangeForm):
    verb = forms.ChoiceField(label="Hình thức trả lời", choices=ANSWER_CHOICES, widget=forms.RadioSelect)
    note = WordsField(
        label="Nội dung trả lời chung",
        limit=9_000,
        help_text="Ghi vào từng ý kiến; các đơn vị đã ghi ý kiến đọc lại cho người nêu. "
        "Ý kiến đơn vị khác đang giữ không kết thúc ở đây: nội dung được ghi vào diễn biến để đơn vị đó dùng.",
    )

    def __init__(self, data=None, *, matter):
        super().__init__(data, initial={"version": matter.version}, auto_id="answer-%s")

    def clean_verb(self):
        return Verb(self.cleaned_data["verb"])


class SendUpForm(ChangeForm):
    note = WordsField(label="Lý do chuyển cấp trên", rows=3, limit=10_000)

    def __init__(self, data=None, *, matter):
        super().__init__(data, initial={"version": matter.version}, auto_id="escalate-%s")


class MoreTimeForm(ChangeForm):
    new_due_on = DayField(label="Gia hạn đến ngày")
    note = WordsField(label="Lý do gia hạn", rows=2, limit=500)

    def __init__(self, data=None, *, matter):
        super().__init__(data, initial={"version": matter.version}, auto_id="extend-%s")


class HandOutForm(ChangeForm):
    body = forms.ModelChoiceField(label="Giao cho", queryset=Body.objects.none())
    is_elsewhere = forms.BooleanField(label=ELSEWHERE, required=False)
    due_on = DayField(label="Hạn giải quyết", required=False, help_text="Để trống để giữ hạn của từng ý kiến.")
    note = WordsField(label="Yêu cầu, chỉ đạo", required=False, rows=2, limit=10_000)

    def __init__(self, data=None, *, matter, bodies, today):
        super().__init__(data, initial={"version": matter.version}, auto_id="assign-%s")
        self.fields["body"].queryset = bodies
        self.fields["body"].choices = [("", "Chọn cơ quan"), *body_choices(bodies, today)]


class DirectionForm(ChangeForm):
    """What was said from above of one point of the Ban Dân vận's report."""

    text = WordsField(label="Nội dung chỉ đạo", rows=3, limit=10_000)
    document = NameField(label="Số văn bản chỉ đạo", required=False, max_length=120)
    directed_on = DayField(label="Ngày chỉ đạo")

    def __init__(self, data=None, *, point, today):
        initial = {"version": point.version, "directed_on": today}
        super().__init__(data, initial=initial, auto_id=f"point-{point.pk}-%s")
