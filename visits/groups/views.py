"""Forms of the register of groups."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.forms import DayField, GuidedForm, NameField, RowsField
from core.merging import refuse
from core.routing import act, form_page, page
from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from units.reads import trail_of
from visits.access import may_keep_assignments, may_keep_groups
from visits.enums import USUAL_GROUPS, GroupKind
from visits.forms import ChosenUnit
from visits.groups.reads import counts_below, places_of, rows_of, villages_lacking
from visits.groups.services import add_group, add_usual_groups, correct_group, end_group
from visits.models import LocalGroup
from visits.views import BRANCH

NUMBER = {"inputmode": "numeric"}
PICKER = {"data-picker": ""}
EXAMPLE = "Ví dụ: Chi bộ Thôn 1, Chi hội phụ nữ khu 3."


def _members():
    return forms.IntegerField(
        label="Số thành viên", min_value=0, max_value=100_000, required=False, widget=forms.TextInput(attrs=NUMBER)
    )


class ChosenVillages(RowsField):
    def label_from_instance(self, unit):
        return unit.name


class GroupForm(GuidedForm):
    """One group of a village or commune."""

    unit = ChosenUnit(label="Ở đâu", queryset=None, widget=forms.Select(attrs=PICKER))
    kind = forms.ChoiceField(label="Loại tổ chức", choices=[("", "Chọn…"), *GroupKind.choices])
    name = NameField(label="Tên tổ chức", max_length=160, help_text=EXAMPLE)
    member_count = _members()
    valid_from = DayField(label="Hoạt động từ ngày")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units


class UsualGroupsForm(GuidedForm):
    """The groups a village usually has, for many villages at once; what is there already is left alone."""

    units = ChosenVillages(label="Thôn, khu", queryset=None, widget=forms.CheckboxSelectMultiple)
    kinds = forms.MultipleChoiceField(
        label="Loại tổ chức",
        choices=[(kind.value, kind.label) for kind in USUAL_GROUPS],
        widget=forms.CheckboxSelectMultiple,
    )
    valid_from = DayField(label="Hoạt động từ ngày")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, **options):
        super().__init__(*args, **options)
        self.fields["units"].queryset = units


class CorrectionForm(GuidedForm):
    name = NameField(label="Tên tổ chức", max_length=160, help_text=EXAMPLE)
    member_count = _members()
    version = forms.IntegerField(widget=forms.HiddenInput)


class GroupEndForm(GuidedForm):
    last_on = DayField(label="Ngày cuối hoạt động")
    reason = NameField(label="Lý do kết thúc", max_length=300, help_text="Ví dụ: sáp nhập hai thôn, giải thể.")
    version = forms.IntegerField(widget=forms.HiddenInput)


def _unit(request, only_commune=False):
    """The unit of the address, else the user's own widest one; foreign and unknown ones are 404."""
    units = Unit.objects.visible_to(request.user)
    units = units.filter(level=Level.COMMUNE) if only_commune else units
    if key := request.GET.get("don-vi"):
        return get_object_or_404(units, key=key)
    ids = {grant.unit_id for grant in request.user.scope.content_grants}
    own = sorted(units.filter(pk__in=ids), key=lambda unit: (LEVEL_ORDER.index(unit.level), unit.pk))
    if not own:
        raise Http404
    return own[0]


@page(roles=BRANCH)
def local_group_list(request):
    """A commune's or village's groups; above that the number of groups place by place, as the way down."""
    today, user, unit = timezone.localdate(), request.user, _unit(request)
    is_low = unit.level in (Level.COMMUNE, Level.VILLAGE)
    kind = request.GET.get("loai", "")
    if kind and kind not in GroupKind.values:
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    with_ended = request.GET.get("tat-ca") == "1"
    rows = rows_of(unit, user, today, kind, with_ended) if is_low else []
    context = {
        "unit": unit,
        "rows": rows,
        "places": [] if is_low else counts_below(unit, user, today),
        "total": len(rows),
        "tabs": _tabs(unit, kind, with_ended),
        "lacking": len(villages_lacking(unit, today)) if unit.level == Level.COMMUNE else 0,
        "is_low": is_low,
        "may_keep": may_keep_assignments(user),
        "parents": _parents(user, unit, today),
    }
    return TemplateResponse(request, "visits/local_group_list.html", context)


def _tabs(unit, kind, with_ended):
    url = f"?don-vi={unit.key}"
    tabs = [("Đang hoạt động", url, not kind and not with_ended), ("Cả đã kết thúc", f"{url}&tat-ca=1", with_ended)]
    tabs += [(each.label, f"{url}&loai={each.value}", kind == each.value) for each in USUAL_GROUPS]
    return [{"label": label, "url": address, "active": active} for label, address, active in tabs]


def _parents(user, unit, today):
    """The units above that lie in the user's own branch, from the top down."""
    own = {pk for grant in user.scope.content_grants for pk in grant.unit_ids}
    above = trail_of(unit, today)
    first = next((number for number, each in enumerate(above) if each.pk in own), len(above))
    return [each for each in above[first:] if each.pk != unit.pk]


@form_page(roles=BRANCH)
def local_group_create(request):
    today, user = timezone.localdate(), request.user
    unit = _unit(request, only_commune=True)
    initial = {"request_id": uuid.uuid4(), "unit": request.GET.get("noi", "")}
    form = GroupForm(request.POST or None, initial=initial, units=places_of(unit, user, today))
    if form.is_bound and form.is_valid():
        try:
            group = add_group(actor=user, today=today, **_named(user, form.cleaned_data))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"Đã ghi {group.name}.")
            return redirect(_register(unit))
    return _form(request, form, unit, "Thêm tổ chức ở cơ sở")


@form_page(roles=BRANCH)
def local_group_create_many(request):
    today, user = timezone.localdate(), request.user
    unit = _unit(request, only_commune=True)
    lacking = villages_lacking(unit, today)
    initial = {"request_id": uuid.uuid4(), "units": list(lacking), "kinds": list(USUAL_GROUPS)}
    villages = places_of(unit, user, today).level(Level.VILLAGE)
    form = UsualGroupsForm(request.POST or None, initial=initial, units=villages)
    if form.is_bound and form.is_valid():
        try:
            groups = add_usual_groups(actor=user, today=today, **_named(user, form.cleaned_data))
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"Đã thêm {len(groups)} tổ chức. Sửa tên ở từng tổ chức nếu cần.")
            return redirect(_register(unit))
    return _form(request, form, unit, "Thêm các tổ chức thường có")


def _named(user, data):
    return dict(data) | {"request_id": f"{user.pk}-{data['request_id']}"}


def _register(unit):
    return f"{reverse('local_group_list')}?don-vi={unit.key}"


def _form(request, form, unit, heading):
    context = {"form": form, "unit": unit, "heading": heading, "back_url": _register(unit)}
    return TemplateResponse(request, "visits/local_group_form.html", context, status=422 if form.is_bound else 200)


def _group(request, pk):
    groups = LocalGroup.objects.visible_to(request.user)
    return get_object_or_404(groups.select_related("unit", "commune"), pk=pk)


@page(roles=BRANCH)
def local_group_detail(request, pk):
    return _show(request, _group(request, pk))


def _show(request, group, bound=None, status=200):
    """`bound`: a refused form, shown open with what was typed."""
    user = request.user
    visits = group.visits.visible_to(user).counted()
    forms = {
        "correction": CorrectionForm(
            initial={name: getattr(group, name) for name in ("name", "member_count", "version")}
        ),
        "end": GroupEndForm(initial={"version": group.version}),
    }
    forms |= {name: bound for name, form in forms.items() if isinstance(bound, type(form))}
    context = {
        "group": group,
        "forms": forms,
        "bound": bound,
        "assignments": group.assignments.visible_to(user).select_related("person").order_by("-valid_from", "pk")[:20],
        "visits": visits.newest_first().select_related("person")[:20],
        "visit_count": visits.count(),
        "may_keep": may_keep_groups(user, group),
        "back_url": _register(group.unit),
    }
    return TemplateResponse(request, "visits/local_group_detail.html", context, status=status)


def _change(request, pk, form, service, sentence):
    """One act on a group: not visible → 404, refused → the page again with the sentence and what was typed."""
    group = _group(request, pk)
    if not form.is_valid():
        return _show(request, group, form, 422)
    try:
        service(pk, actor=request.user, today=timezone.localdate(), **form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as error:
        saved = refuse(form, error, lambda: _group(request, pk))
        return _show(request, saved or group, form, error.status_code)
    messages.success(request, sentence)
    return redirect(group)


@act(roles=BRANCH)
def local_group_correct(request, pk):
    return _change(request, pk, CorrectionForm(request.POST), correct_group, "Đã lưu tổ chức.")


@act(roles=BRANCH)
def local_group_end(request, pk):
    return _change(request, pk, GroupEndForm(request.POST), end_group, "Đã ghi ngày kết thúc.")
