"""The filters of the visit list, kept in the address."""

import uuid

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.merging import refuse
from core.paging import keyset_page
from core.routing import act, form_page, page
from feedback.models import Topic
from feedback.reads import competences_on
from meetings.lists import BranchFilter
from meetings.views import version_of
from people.enums import Role
from people.models import Person
from units.enums import Level
from units.models import Unit
from units.naming import names_for
from visits.access import (
    VISITORS,
    keeps,
    may_edit_visit,
    may_keep_assignments,
    may_raise_finding,
    may_review_visit,
    may_visit,
)
from visits.checks.reads import questions_about
from visits.enums import COUNTED, GroupKind, VisitStatus
from visits.forms import FACTS, FindingForm, GroupQuestion, VisitForm
from visits.models import Assignment, Visit
from visits.openings import people_offered, places_offered
from visits.plans.reads import line_initial
from visits.reads import KEPT, kept_words, opinions_of, shown_to
from visits.services import confirm_visit, edit_visit, log_visit, question_visit, raise_finding, withdraw_visit
from visits.situations.reads import place_words

LEVELS = [(level.value, f"Cán bộ {level.label}") for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)]
STATUSES = [("", "Còn tính"), *VisitStatus.choices]
HIDDEN = {"nguoi": "person_id", "nhom": "local_group_id", "don-vi-cu": "post__unit_id"}
"""What links of other pages narrow the list to: a person, a named group, the unit of the cadre's post."""


def _hidden_id():
    return forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)


class VisitFilter(BranchFilter):
    """Visits that count unless withdrawn ones are asked for, so that a figure's link shows as many rows."""

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        if not user.scope.roles & VISITORS:
            del self.fields["q"]

    def own_fields(self):
        return {
            "cap": forms.ChoiceField(label="Cán bộ cấp", required=False, choices=[("", "Mọi cấp"), *LEVELS]),
            "to-chuc": forms.ChoiceField(label="Tổ chức", required=False, choices=[("", "Tất cả"), *GroupKind.choices]),
            "trang-thai": forms.ChoiceField(label="Trạng thái", required=False, choices=STATUSES),
            "ngoai": forms.BooleanField(label="Chỉ lượt ngoài phân công", required=False),
            **{name: _hidden_id() for name in HIDDEN},
            "co-quan-cu": forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput),
            "tu-ngay": forms.DateField(label="Từ ngày", required=False, widget=self._rare("tu-ngay")),
            "den-ngay": forms.DateField(label="Đến ngày", required=False, widget=self._rare("den-ngay")),
            "van-de": forms.BooleanField(label="Có vấn đề nắm được", required=False, widget=forms.HiddenInput),
            "co-mat": forms.BooleanField(label="Có số thành viên", required=False, widget=forms.HiddenInput),
        }

    def _units(self, today):
        """A village that the address names may be chosen, too; offering every village would make the list endless."""
        choices, word = super()._units(today), self.data.get("don-vi", "")
        if not word.startswith(f"{Level.VILLAGE}-"):
            return choices
        villages = {unit.key: unit for unit in Unit.objects.visible_to(self.user).filter(key=word)}
        self.units |= villages
        names = names_for(self.user, [unit.pk for unit in villages.values()], today) if villages else {}
        return [*choices, *((key, names[unit.pk]) for key, unit in villages.items())]

    def _rare(self, name):
        """Words that come with a link from a figure; the form shows them only while they are in force."""
        return forms.DateInput if self.data.get(name) else forms.HiddenInput

    def _by_days(self, visits):
        """Between two days, and only visits whose members were counted: what a before-and-since figure links to."""
        data = self.cleaned_data
        days = {"visited_on__gte": data.get("tu-ngay"), "visited_on__lte": data.get("den-ngay")}
        visits = visits.filter(**{name: day for name, day in days.items() if day})
        return visits.exclude(members_due=None) if data.get("co-mat") else visits

    def apply(self, visits):
        data = self.cleaned_data
        visits = self.select(visits)
        if data.get("q"):  # neither this nor "van-de" may tell anybody what they do not read
            visits = visits.matching(data["q"]).words_read_by(self.user)
        exact = {"group": data.get("to-chuc"), "status": data.get("trang-thai")}
        exact |= {column: data.get(name) for name, column in HIDDEN.items()}
        visits = self._by_days(visits.filter(**{name: value for name, value in exact.items() if value}))
        if data.get("co-quan-cu") is not None:  # 0: a post of no body
            visits = visits.filter(post__body=data["co-quan-cu"] or None)
        if data.get("van-de"):
            visits = visits.read_whole_by(self.user).telling()
        if data.get("ngoai"):
            visits = visits.outside_assignment()
        return visits if data.get("trang-thai") else visits.filter(status__in=COUNTED)


BRANCH = ("commune", "commune_leader", "district", "leader", "specialist", "province", "province_leader")
VISITING = (*BRANCH, "cadre")
REVIEWING = ("commune", "commune_leader", "village")
TONES = {
    VisitStatus.LOGGED: "waiting",
    VisitStatus.QUESTIONED: "problem",
    VisitStatus.CONFIRMED: "done",
    VisitStatus.WITHDRAWN: "neutral",
}
COLUMNS = ("pk", "visited_on", "started_at", "group", "local_group__name", "status", "findings", "assignment_id")
SHOW_GROUPS = "xem-to-chuc"
GROUP_FIELDS = ("unit", "group", "visited_on", "local_group")
NUMBERS = ("members_due", "members_present")
NAMES = ("person__name", "unit__name", "commune__name")


@page()
def visit_list(request):
    today = timezone.localdate()
    filters = VisitFilter(request.GET, user=request.user, today=today)
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    visits = filters.apply(Visit.objects.visible_to(request.user))
    found = keyset_page(visits.values(*COLUMNS, *NUMBERS, *NAMES), ["-visited_on", "-pk"], request.GET)
    context = {
        "form": filters,
        "rows": _rows(found.rows, request.user),
        "total": visits.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "may_visit": may_visit(request.user),
        "may_keep": may_keep_assignments(request.user),
        "is_village": Role.VILLAGE in request.user.scope.roles,
    }
    return TemplateResponse(request, "visits/visit_list.html", context)


def _rows(rows, user):
    """Rows as the template shows them; what was found only where the whole record is the user's to read."""
    kept = kept_words(user, [row["pk"] for row in rows])
    instead = {None: "", True: KEPT}
    return [_row(row | {"findings": instead.get(kept.get(row["pk"]), row["findings"])}) for row in rows]


def _row(row):
    status = VisitStatus(row["status"])
    row["place"] = row["unit__name"]
    if row["commune__name"] != row["unit__name"]:
        row["place"] = f"{row['unit__name']}, {row['commune__name']}"
    row["group"] = row["local_group__name"] or GroupKind(row["group"]).label
    return row | {"word": status.label, "tone": TONES[status], "is_outside": row["assignment_id"] is None}


@form_page(roles=VISITING)
def visit_create(request):
    today = timezone.localdate()
    initial = {"visited_on": today, "request_id": uuid.uuid4(), "person": request.user.person_id}
    initial["unit"] = request.GET.get("noi", "")
    initial |= line_initial(request.user, request.GET.get("ke-hoach", ""))
    form = _form(request, today, initial)
    if form.is_bound and form.is_valid():
        try:
            visit = _log(request, form, today)
        except DomainError as error:
            refuse(form, error)
        else:
            _say_logged(request, visit)
            return redirect(visit)
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "visits/visit_form.html", {"form": form}, status=status)


def _form(request, today, initial, visit=None):
    """Unbound when only the groups of the chosen place were asked for: what was typed comes back unchecked."""
    places, people = places_offered(request.user, today), people_offered(request.user, today)
    if visit:
        place = place_words(visit.unit.name, visit.commune.name if visit.commune else visit.unit.name)
        places.append(("Nơi đã ghi", [(visit.unit_id, place)]))
        people = [(visit.person_id, visit.person.name)]
    data = request.POST or None
    if data and SHOW_GROUPS in data:
        initial, data = initial | data.dict(), None
    question = GroupQuestion(data or {name: initial.get(name) for name in GROUP_FIELDS})
    return VisitForm(data, initial=initial, places=places, people=people, groups=question.choices())


def _say_logged(request, visit):
    messages.success(request, "Đã ghi lượt đi. Nơi đến sẽ xác nhận.")
    if visit.assignment_id is None:
        messages.warning(
            request, "Ngày này không có phân công nào cho nơi đến, nên lượt đi được đánh dấu “ngoài phân công”."
        )


@page(roles=VISITING)
def visit_group_choices(request):
    """The field of the group's name for the place, kind and day chosen in the form."""
    question, groups = GroupQuestion(request.GET), []
    if question.is_valid():
        mine = Unit.objects.visible_to(request.user).filter(pk=question.cleaned_data["unit"])
        groups = question.choices() if mine.exists() else []
    form = VisitForm(initial=request.GET.dict(), places=(), people=(), groups=groups)
    return TemplateResponse(request, "visits/_visit_group.html", {"form": form})


def _log(request, form, today):
    request_id = form.cleaned_data["request_id"]
    return log_visit(
        form.facts(),
        actor=request.user,
        person=Person.objects.get(pk=form.cleaned_data["person"]),
        request_id=f"{request.user.pk}-{request_id}" if request_id else None,
        line_id=form.cleaned_data["line"],
        today=today,
    )


def _visit(request, pk):
    visits = Visit.objects.visible_to(request.user)
    related = ("person", "unit", "commune", "village", "post__unit", "assignment", "local_group")
    return get_object_or_404(visits.select_related(*related), pk=pk)


@page()
def visit_detail(request, pk):
    return _show(request, _visit(request, pk))


def _show(request, visit, status=200, refusal=None):
    """The page of one visit; `refusal` holds the sentence and, by the name of the act, its note as typed."""
    user = request.user
    may_review, (is_whole, _) = may_review_visit(user, visit), shown_to(user, visit)
    context = {
        "visit": visit,
        "tone": TONES[visit.status],
        "is_whole": is_whole,
        "assignment_url": _assignment_url(visit, user),
        "may_edit": may_edit_visit(user, visit),
        "may_review": may_review,
        "may_raise": may_raise_finding(user, visit),
        "opinions": opinions_of(visit, user) if is_whole else [],
        "trail": [{"label": "Đi cơ sở", "url": reverse("visit_list")}, {"label": str(visit), "url": ""}],
        "questions": questions_about(visit, user) if is_whole and (may_review or keeps(user, visit)) else [],
        "refusal": refusal,
    }
    return TemplateResponse(request, "visits/visit_detail.html", context, status=status)


def _assignment_url(visit, user):
    """The village and whoever checks a sample read the number of the decision, not the decision."""
    seen = Assignment.objects.visible_to(user).filter(pk=visit.assignment_id).first()
    return seen.get_absolute_url() if seen else ""


@form_page(roles=VISITING)
def visit_edit(request, pk):
    visit, today = _visit(request, pk), timezone.localdate()
    if not may_edit_visit(request.user, visit):
        return redirect(visit)
    initial = {name: getattr(visit, name) for name in FACTS}
    initial |= {"unit": visit.unit_id, "local_group": visit.local_group_id}
    initial |= {"person": visit.person_id, "version": visit.version}
    form, status, saved = _form(request, today, initial, visit), 200, None
    if form.is_bound:
        status = 422
        try:
            if form.is_valid():
                version = form.cleaned_data["version"]
                return redirect(edit_visit(pk, form.facts(), actor=request.user, version=version, today=today))
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _visit(request, pk))
    return TemplateResponse(
        request, "visits/visit_form.html", {"form": form, "visit": visit, "saved": saved}, status=status
    )


def _answer(request, pk, service, sentence):
    """One act on a visit: not visible → 404, refused → its page with the note as typed, done → back to the visit."""
    visit, note = _visit(request, pk), request.POST.get("note", "")
    try:
        service(visit.pk, actor=request.user, version=version_of(request), note=note, today=timezone.localdate())
    except NotAllowed:
        raise
    except DomainError as error:
        refusal = {"error": error.message, service.__name__: {"error": error.message, "note": note}}
        return _show(request, _visit(request, pk), error.status_code, refusal)
    messages.success(request, sentence)
    return redirect(visit)


@act(roles=REVIEWING)
def visit_confirm(request, pk):
    return _answer(request, pk, confirm_visit, "Đã xác nhận lượt đi.")


@act(roles=REVIEWING)
def visit_question(request, pk):
    return _answer(request, pk, question_visit, "Đã gửi đề nghị xem lại cho người đi.")


@act(roles=VISITING)
def visit_withdraw(request, pk):
    return _answer(request, pk, withdraw_visit, "Đã rút lượt đi; lượt này không còn tính vào số liệu.")


@form_page(roles=VISITING)
def visit_raise(request, pk):
    visits = Visit.objects.visible_to(request.user).select_related("unit", "commune")
    visit, today = get_object_or_404(visits, pk=pk), timezone.localdate()
    if not may_raise_finding(request.user, visit):
        return redirect(visit)
    _, is_kept = shown_to(request.user, visit)
    form = FindingForm(
        request.POST or None,
        initial={"text": "" if is_kept else visit.findings, "competence": "commune", "request_id": uuid.uuid4()},
        topics=[(topic.pk, topic.name) for topic in Topic.objects.choices_on(visit.visited_on)],
        competences=competences_on(visit, visit.visited_on),
    )
    if request.method == "POST" and form.is_valid():
        try:
            request_id = form.cleaned_data["request_id"]
            opinion = raise_finding(pk, form.draft(), actor=request.user, request_id=request_id, today=today)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"Đã chuyển thành ý kiến số {opinion}.")
            return redirect(visit)
    status = 422 if form.is_bound else 200
    context = {"form": form, "visit": visit, "is_kept": is_kept}
    return TemplateResponse(request, "visits/finding_form.html", context, status=status)
