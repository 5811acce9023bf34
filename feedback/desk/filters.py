"""The filters of the review desk: what the address says, checked, and what it selects."""

from datetime import timedelta
from functools import cache

from django import forms
from django.db.models import Exists, OuterRef, Q

from core.forms import GuidedForm, LeanSelect
from core.periods import Period
from feedback.enums import (
    AWAITS_DAY,
    GROUPS,
    UNRESOLVED,
    Competence,
    ExtensionState,
    OpinionKind,
    OpinionStatus,
    ReportGroup,
    Satisfaction,
    Visibility,
)
from feedback.matching.reads import MARKS, marked
from feedback.matters.reads import collected
from feedback.models import Extension, Milestone, Opinion, Topic
from feedback.querysets import IS_ANSWERED, in_group, overdue_when
from feedback.reads import asked_of
from meetings.lists import REGROUPED, period_choices
from units.enums import Level
from units.models import Body, Unit, UnitLineage
from units.reads import regrouped, with_origins
from units.scoping import CONTENT_ROLES

ALL, REPLIED, GROUP_PREFIX = "all", "da-tra-loi", "g-"
STATES = [
    ("", "Chưa xong"),
    (ALL, "Tất cả"),
    (REPLIED, "Đã trả lời dưới mọi hình thức"),
    *((f"{GROUP_PREFIX}{group.value}", f"Nhóm: {group.label}") for group in ReportGroup),
    *OpinionStatus.choices,
]
OPEN_STATES = {*UNRESOLVED, *(f"{GROUP_PREFIX}{group}" for group in ReportGroup if GROUPS[group][0] in UNRESOLVED)}
OVERDUE, SOON, RECEIPT_OVERDUE, EVER_LATE = "qua-han", "7-ngay", "tiep-nhan-qua-han", "tung-qua-han"
ON_TIME, ON_TIME_EXTENDED = "dung-han", "dung-han-gia-han"
BODY_ON_TIME, BODY_LATE = "dung-han-co-quan", "muon-co-quan"
ANSWERED_DUES = (ON_TIME, ON_TIME_EXTENDED, BODY_ON_TIME)
"""What only an answered opinion can be: chosen alone, they mean those answered."""

DUES_OF_ALL = (EVER_LATE, BODY_LATE, *ANSWERED_DUES)
"""What is said of closed opinions, too; the other deadlines are of open ones alone."""

DUES = [
    ("", "Mọi hạn"),
    (OVERDUE, "Đã quá hạn"),
    (EVER_LATE, "Từng quá hạn"),
    (ON_TIME, "Trả lời đúng hạn đầu tiên"),
    (ON_TIME_EXTENDED, "Trả lời đúng hạn đã gia hạn"),
    (BODY_ON_TIME, "Cơ quan trả lời đúng hạn được giao"),
    (BODY_LATE, "Cơ quan để quá hạn được giao"),
    (SOON, "Đến hạn trong 7 ngày"),
    (RECEIPT_OVERDUE, "Quá hạn thông báo tiếp nhận"),
    (AWAITS_DAY, "Chờ quyết định hạn mới"),
]
AGES = {"0-30": (0, 30), "31-60": (31, 60), "61-90": (61, 90), "tren-90": (91, None)}
AGE_CHOICES = [
    ("", "Mọi tuổi"),
    ("0-30", "Đến 30 ngày"),
    ("31-60", "31–60 ngày"),
    ("61-90", "61–90 ngày"),
    ("tren-90", "Trên 90 ngày"),
]
LEVELS = [("", "Mọi cấp"), (Level.COMMUNE, "Cấp xã"), (Level.DISTRICT, "Cấp huyện"), (Level.PROVINCE, "Cấp tỉnh")]
NOT_ASKED = "none"
SATISFACTIONS = [
    ("", "Mọi mức hài lòng"),
    *Satisfaction.choices,
    (NOT_ASKED, "Đã trả lời, chưa hỏi người nêu"),
]
OPEN_TO_ALL, RESTRICTED = "thuong", "han-che"
SECRECIES = [("", "Mọi phạm vi xem"), (OPEN_TO_ALL, "Không hạn chế xem"), (RESTRICTED, "Hạn chế xem")]
NOBODY = "chua-giao"
"""The word of the body filter for opinions that no body is charged with."""

SOURCES = [("", "Mọi nguồn"), ("meeting", "Nêu tại hội nghị"), ("visit", "Nêu khi đi cơ sở")]
RARE = (
    *("phoi-hop", "hai-long", "den-han", "tien-do", "pham-vi", "giu-boi", "van-de", "chuyen-de"),
    *("nguon", "chung", "bieu", "tu-ngay", "den-ngay"),
)
"""Words that come with a link from a picture or a rate; the form shows them only while they are in force."""

CONTENT = (
    *("q", "linh-vuc", "tham-quyen", "co-quan", "loai", "noi-com", "giu", "giu-boi", "nhan"),
    *("van-de", "phoi-hop", "chuyen-de"),
)
"""Filters that say something of an opinion's content or way: under them restricted ones are not even counted."""


def _choice(label, choices, picker=False):
    attrs = {"data-picker": ""} if picker else {}
    wrong = {"invalid_choice": f"{label} vừa chọn không có trong danh sách; mời chọn lại."}
    widget = LeanSelect(attrs=attrs)
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=widget, error_messages=wrong)


def _lazily(everything, read):
    """Choices read once and only when shown or chosen: walking the queue from one opinion needs none of them."""
    return cache(lambda: [("", everything), *read()])


def _topics():
    return Topic.objects.order_by("order", "code").values_list("code", "name")


def _with_state(data):
    """The words of the address; answered in time without a state is one of those answered, not of those open."""
    if data.get("han") not in ANSWERED_DUES or data.get("trang-thai"):
        return data
    data = data.copy()
    data["trang-thai"] = REPLIED
    return data


class OpinionFilter(GuidedForm):
    """One GET form; its words are those of the address and of every figure that links here."""

    def __init__(self, data, *, user, today):
        super().__init__(_with_state(data))
        self.user, self.today = user, today
        self.units = {}
        self.fields |= {
            "q": forms.CharField(
                label="Từ khóa", required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"})
            ),
            "trang-thai": _choice("Trạng thái", STATES),
            "han": _choice("Hạn", DUES),
            "don-vi": _choice("Đơn vị", _lazily("Tất cả đơn vị", self._units), picker=True),
            "linh-vuc": _choice("Lĩnh vực", _lazily("Mọi lĩnh vực", _topics)),
            "tham-quyen": _choice("Thẩm quyền", [("", "Mọi thẩm quyền"), *Competence.choices]),
            "co-quan": _choice("Cơ quan", _lazily("Mọi cơ quan", self._bodies), picker=True),
            "tuoi": _choice("Thời gian chờ", AGE_CHOICES),
            "loai": _choice("Loại", [("", "Mọi loại"), *OpinionKind.choices]),
            "cap": _choice("Nêu tại", LEVELS),
            "nhan": _choice("Nhãn", MARKS),
            "ky": _choice("Kỳ", period_choices(today, data.get("ky", ""))),
            "noi-com": forms.BooleanField(label="Chỉ vấn đề nổi cộm", required=False),
            "giu": forms.BooleanField(label="Chỉ việc đơn vị tôi đang giữ", required=False),
            "ranh-gioi": forms.CharField(required=False, max_length=10, widget=forms.HiddenInput),
            "tu-ngay": forms.DateField(label="Nêu từ ngày", required=False),
            "den-ngay": forms.DateField(label="Nêu đến ngày", required=False),
            "phoi-hop": forms.BooleanField(label="Chỉ việc chờ cơ quan tôi phối hợp", required=False),
            "hai-long": _choice("Người nêu đánh giá", SATISFACTIONS),
            "den-han": forms.BooleanField(label="Chỉ ý kiến đã trả lời hoặc đã quá hạn", required=False),
            "tien-do": forms.BooleanField(label="Chỉ việc đã làm được một phần", required=False),
            "pham-vi": _choice("Phạm vi xem", SECRECIES),
            "giu-boi": _choice("Đang do đơn vị giữ", _lazily("Mọi đơn vị", self._holder)),
            "chuyen-de": forms.BooleanField(label="Chỉ ý kiến nêu lặp lại gần đây, chưa xong", required=False),
            "nguon": _choice("Nguồn", SOURCES),
            "chung": forms.BooleanField(label="Chỉ ý kiến không riêng của đơn vị nào bên dưới", required=False),
            "bieu": forms.BooleanField(label="Như biểu của tháng: trừ ý kiến nêu ở hội nghị cấp huyện", required=False),
            "van-de": forms.IntegerField(label="Vấn đề chung số", required=False, min_value=1, max_value=2**31 - 1),
        }
        for name in RARE:
            if not data.get(name):
                self.fields[name].widget = forms.HiddenInput()

    def _units(self):
        """Units of the user's branches today; an ended one that the address names stays. A commune's are villages."""
        grants = self.user.scope.content_grants
        narrow = all(grant.level == Level.COMMUNE for grant in grants)
        levels = (Level.COMMUNE, Level.VILLAGE) if narrow else (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)
        columns = [f"unit__{name}" for name in ("key", "name", "level", "pk")]
        mine = UnitLineage.objects.filter(ancestor_id__in=self.user.scope.unit_ids(), unit__level__in=levels)
        mine = mine.order_by("unit__level", "unit__code").values_list(*columns).distinct()
        rows = list(mine.on(self.today)) or list(mine) if grants else []
        word = self.data.get("don-vi", "")
        if word and grants and word not in {row[0] for row in rows}:
            rows += Unit.objects.visible_to(self.user).filter(key=word).values_list("key", "name", "level", "pk")
        self.units = {key: (level, pk) for key, _, level, pk in rows}
        return [(key, name) for key, name, _, _ in rows]

    def _holder(self):
        """The unit that the address names: it may lie above the user's branch, the rows never do."""
        return Unit.objects.filter(key=self.data.get("giu-boi", "")).values_list("key", "name")

    def _bodies(self):
        """Bodies of the user's own units; one that the address names must be among those that the user may know."""
        own = Body.objects.filter(unit_id__in=self.user.scope.unit_ids()).on(self.today)
        rows = list(own.order_by("sort_key").values_list("pk", "name"))
        word = self.data.get("co-quan", "")
        if word.isdecimal() and len(word) < 18 and int(word) not in dict(rows):
            rows += Body.objects.visible_to(self.user).filter(pk=int(word)).values_list("pk", "name")
        return [(NOBODY, "Chưa giao cơ quan nào"), *rows]

    def clean(self):
        data = super().clean()
        state = data.get("trang-thai")
        ended = {REPLIED, *(f"{GROUP_PREFIX}{g.value}" for g in ReportGroup if GROUPS[g][0] not in UNRESOLVED)}
        closed = state in ended or (state in OpinionStatus.values and state not in UNRESOLVED)
        if closed and (data.get("han") not in ("", None, *DUES_OF_ALL) or data.get("tuoi")):
            self.add_error("trang-thai", "Hạn và thời gian chờ chỉ lọc được ý kiến chưa xong. Bỏ một trong hai bộ lọc.")
        elif data.get("han") in ANSWERED_DUES and state in OPEN_STATES:
            self.add_error("trang-thai", "Chỉ ý kiến đã trả lời mới xét được đúng hạn. Bỏ một trong hai bộ lọc.")
        return data

    @property
    def is_unresolved(self):
        """Does every row that is shown still wait for an answer?"""
        data = self.cleaned_data
        state = data.get("trang-thai")
        return bool(
            not state or state in OPEN_STATES or data.get("han") not in ("", None, *DUES_OF_ALL) or data.get("tuoi")
        )

    @property
    def counts_hidden(self):
        """May the restricted opinions that the user cannot read be counted under these filters?"""
        return not any(self.cleaned_data.get(name) for name in CONTENT)

    def apply(self, opinions):
        """Narrow a queryset; scope comes first, by the caller."""
        data = self.cleaned_data
        exact = {
            "topic__code": data.get("linh-vuc"),
            "competence": data.get("tham-quyen"),
            "body_id": data.get("co-quan") if data.get("co-quan") != NOBODY else None,
            "kind": data.get("loai"),
            "level": data.get("cap"),
            "is_pressing": data.get("noi-com"),
            "matter_id": data.get("van-de"),
            "origin": data.get("nguon"),
        }
        opinions = opinions.filter(**{name: value for name, value in exact.items() if value})
        if data.get("bieu"):
            opinions = opinions.exclude(level=Level.DISTRICT, origin="meeting")
        if data.get("co-quan") == NOBODY:
            opinions = opinions.filter(body=None)
        if data.get("nhan"):
            opinions = opinions.filter(marked(data["nhan"], self.user))
        if data.get("phoi-hop"):
            opinions = opinions.filter(pk__in=asked_of(self.user).values("opinion_id"))
        if data.get("giu"):
            opinions = opinions.held_by(self.user.scope.unit_ids(CONTENT_ROLES))
        opinions = self._by_state(self.about(opinions))
        opinions = self._by_outcome(self._by_age(self._by_due(opinions)))
        return opinions.matching(data["q"]) if data.get("q") else opinions

    def about(self, opinions):
        """Only what is about the chosen place and of the chosen period."""
        opinions, data = self._by_place(opinions), self.cleaned_data
        days = {"raised_on__gte": data.get("tu-ngay"), "raised_on__lte": data.get("den-ngay")}
        opinions = opinions.filter(**{name: day for name, day in days.items() if day})
        if data.get("ky"):
            opinions = opinions.in_period(Period.parse(data["ky"]))
        return opinions

    def _by_place(self, opinions):
        """The branch as of each opinion's day, an heir's with what it inherited; `ranh-gioi`: as reports count it."""
        level, pk = self.units.get(self.cleaned_data.get("don-vi"), (None, None))
        if level is None:
            return opinions
        if self.cleaned_data.get("chung"):
            below = {"district": None} if level == Level.PROVINCE else {}
            opinions = opinions.filter(commune=None, **below)
        boundaries = self.cleaned_data.get("ranh-gioi")
        if boundaries == REGROUPED:
            return opinions.filter(regrouped(Unit(pk=pk, level=level), self.today)[0])
        pks = {pk} if boundaries == "then" else with_origins([pk])
        return opinions.filter(**{f"{level}_id__in": pks})

    def _by_state(self, opinions):
        state = self.cleaned_data.get("trang-thai")
        if self.is_unresolved:
            opinions = opinions.unresolved()
        if state == REPLIED:
            return opinions.filter(IS_ANSWERED)
        if state.startswith(GROUP_PREFIX):
            return opinions.filter(in_group(state.removeprefix(GROUP_PREFIX)))
        return opinions.filter(status=state) if state and state != ALL else opinions

    def _by_due(self, opinions):
        due = self.cleaned_data.get("han")
        if due == OVERDUE:
            return opinions.overdue(self.today)
        if due == EVER_LATE:
            return opinions.was_late(self.today)
        if due == ON_TIME:
            return opinions.on_time()
        if due == ON_TIME_EXTENDED:
            return opinions.on_time_extended()
        if due == BODY_ON_TIME:
            return opinions.on_time_for_body()
        if due == BODY_LATE:
            return opinions.late_for_body(self.today)
        if due == AWAITS_DAY:
            return opinions.filter(
                Exists(Extension.objects.filter(opinion=OuterRef("pk"), state=ExtensionState.PENDING))
            )
        if due == RECEIPT_OVERDUE:
            return opinions.receipt_overdue(self.today)
        if due == SOON:
            return opinions.due_soon(self.today)
        return opinions

    def _by_age(self, opinions):
        """Days since it was raised."""
        if not self.cleaned_data.get("tuoi"):
            return opinions
        youngest, oldest = AGES[self.cleaned_data["tuoi"]]
        opinions = opinions.filter(raised_on__lte=self.today - timedelta(days=youngest))
        return opinions if oldest is None else opinions.filter(raised_on__gte=self.today - timedelta(days=oldest))

    def _by_outcome(self, opinions):
        """What those who raised it say, how far it came, who may read it, who holds it."""
        data = self.cleaned_data
        if data.get("hai-long"):
            word = "" if data["hai-long"] == NOT_ASKED else data["hai-long"]
            opinions = opinions.filter(IS_ANSWERED, satisfaction=word)
        if data.get("den-han"):
            opinions = opinions.filter(IS_ANSWERED | overdue_when(self.today))
        if data.get("tien-do"):
            opinions = opinions.unresolved().filter(partly_done())
        if data.get("pham-vi"):
            restricted = Q(visibility=Visibility.RESTRICTED)
            opinions = opinions.filter(restricted if data["pham-vi"] == RESTRICTED else ~restricted)
        if data.get("chuyen-de"):
            opinions = opinions.filter(collected(self.today))
        if data.get("giu-boi"):
            opinions = opinions.filter(holder__key=data["giu-boi"])
        return opinions


def partly_done():
    """Has a step on its way been finished?"""
    return Exists(Milestone.objects.filter(opinion=OuterRef("pk"), done_on__isnull=False))


def raised_words(code=""):
    return f"nêu trong {Period.parse(code).label_inside}" if code else "nêu bất kỳ khi nào"


class ReviewFilter(OpinionFilter):
    """Place and period alone, for pages that count; what they count is every opinion there, restricted ones too."""

    KEPT = ("don-vi", "ky", "cap", "ranh-gioi")

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        self.fields = {name: self.fields[name] for name in self.KEPT}
        self.status_code = 200 if self.is_valid() else 400

    @property
    def kept(self):
        """The filters in force, for the addresses of the lists."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def raised(self):
        """'nêu trong năm 2026': of which opinions every number of the page is."""
        return raised_words(self.cleaned_data.get("ky"))

    def of_bodies(self):
        """(opinions, filters of their lists, 'nêu trong năm 2026'): of this year where no period was chosen.

        Judging bodies reads every thread: a province's whole history would take seconds.
        """
        code = self.cleaned_data.get("ky") or Period.year(self.today.year).code
        return self.counted().in_period(Period.parse(code)), {**self.kept, "ky": code}, raised_words(code)

    def counted(self):
        """The opinions of the chosen place and period; none under wrong filters."""
        opinions = Opinion.objects.counted_for(self.user)
        if self.status_code != 200:
            return opinions.none()
        level = self.cleaned_data.get("cap")
        return self.about(opinions.filter(level=level) if level else opinions)

    def clean(self):
        return self.cleaned_data
