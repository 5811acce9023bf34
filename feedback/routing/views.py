"""Forms of the routing rules and of the list of topics."""

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.forms import DayField, GuidedFields, GuidedForm, NameField
from core.routing import form_page, page
from feedback.models import Topic
from feedback.page.views import STAFF_ROLES
from feedback.routing.reads import ANY, COLUMNS, kept_units, routing_matrix
from feedback.routing.services import bodies_to_route, edit_topic, rules_of, set_routing, state_of, topic_state
from meetings.access import RULE_KEEPERS
from units.models import Unit
from units.naming import body_choices


class RoutingFields(forms.Form):
    """One select for every competence of a topic."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=500)

    def __init__(self, data=None, *, unit, topic, today):
        known = rules_of(unit, topic)
        super().__init__(data, initial={"seen": state_of(known)})
        bodies = bodies_to_route(unit, today).select_related("unit").order_by("unit__level", "sort_key")
        bodies = bodies.filter(unit=unit) if unit.level == "province" else bodies
        choices = body_choices(bodies, today)
        for code, label in COLUMNS:
            self.fields[f"body_{code}"] = forms.ModelChoiceField(
                label=label if code == ANY else f"Riêng thẩm quyền {label[:1].lower()}{label[1:]}",
                queryset=bodies,
                required=False,
                initial=known.get(code),
                widget=forms.Select(attrs={"data-picker": ""}),
            )
            empty = "Chưa quy định" if code == ANY else "Như mọi thẩm quyền"
            self.fields[f"body_{code}"].choices = [("", empty), *choices]

    def bodies(self):
        return {code: self.cleaned_data[f"body_{code}"] for code, _ in COLUMNS}


class RoutingForm(GuidedFields, RoutingFields):
    pass


class TopicForm(GuidedForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)
    name = NameField(label="Tên lĩnh vực", max_length=120)
    order = forms.IntegerField(label="Thứ tự", min_value=0, max_value=9999)
    valid_to = DayField(
        label="Thôi dùng từ ngày",
        required=False,
        help_text="Từ ngày này, biểu mẫu không còn lĩnh vực; ý kiến cũ vẫn giữ.",
    )

    @classmethod
    def of(cls, topic, data=None):
        initial = {"name": topic.name, "order": topic.order, "valid_to": topic.valid_to, "seen": topic_state(topic)}
        return cls(data, initial=initial)


LIST = {"label": "Phân công theo lĩnh vực"}


@page(roles=STAFF_ROLES)
def routing_list(request):
    """The matrix of a unit: the user's own ones may be chosen among; without a duty there, it is only read."""
    today, units = timezone.localdate(), _units(request.user)
    unit = _chosen(request, units)
    rows, missing = routing_matrix(unit, today)
    context = {
        "unit": unit,
        "units": [{"label": u.name, "url": f"?don-vi={u.key}", "active": u == unit} for u in units],
        "rows": rows,
        "missing": missing,
        "may_keep": unit.pk in kept_units(request.user),
    }
    return TemplateResponse(request, "feedback/routing_list.html", context)


@form_page(roles=STAFF_ROLES)
def routing_edit(request, pk):
    today, topic = timezone.localdate(), get_object_or_404(Topic.objects.offered(), pk=pk)
    unit = _chosen(request, _units(request.user))
    if unit.pk not in kept_units(request.user):
        raise NotAllowed("Đồng chí không có quyền sửa phân công theo lĩnh vực của đơn vị này.")
    form = RoutingForm(request.POST or None, unit=unit, topic=topic, today=today)
    status, url = 422 if form.is_bound else 200, f"{reverse('routing_list')}?don-vi={unit.key}"
    if form.is_bound and form.is_valid():
        try:
            seen = form.cleaned_data["seen"]
            set_routing(unit, topic, form.bodies(), actor=request.user, seen=seen, today=today)
            messages.success(request, f"Đã lưu phân công lĩnh vực “{topic}”.")
            return redirect(url)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
            status = refusal.status_code
    trail = [{"label": LIST["label"], "url": url}, {"label": topic.name}]
    context = {"form": form, "topic": topic, "unit": unit, "trail": trail, "back_url": url}
    return TemplateResponse(request, "feedback/routing_edit.html", context, status=status)


@page(roles=STAFF_ROLES)
def topic_list(request):
    today = timezone.localdate()
    rows = [
        {"topic": topic, "is_ended": topic.valid_to is not None and topic.valid_to <= today}
        for topic in Topic.objects.offered().order_by("order", "code")
    ]
    context = {"rows": rows, "may_keep": bool(set(RULE_KEEPERS) & request.user.roles)}
    return TemplateResponse(request, "feedback/topic_list.html", context)


@form_page(roles=RULE_KEEPERS)
def topic_edit(request, pk):
    topic, today = get_object_or_404(Topic.objects.offered(), pk=pk), timezone.localdate()
    form = TopicForm.of(topic, request.POST or None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            edit_topic(pk, actor=request.user, today=today, **form.cleaned_data)
            messages.success(request, "Đã lưu lĩnh vực.")
            return redirect("topic_list")
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            status = refusal.status_code
    trail = [{"label": "Lĩnh vực", "url": reverse("topic_list")}, {"label": topic.name}]
    context = {"form": form, "topic": topic, "trail": trail}
    return TemplateResponse(request, "feedback/topic_edit.html", context, status=status)


def _units(user):
    """The units at which the user works, the highest first."""
    ids = {grant.unit_id for grant in user.scope.content_grants}
    return list(Unit.objects.filter(pk__in=ids).order_by("-level", "sort_key"))


def _chosen(request, units):
    word = request.GET.get("don-vi", "")
    unit = next((unit for unit in units if not word or unit.key == word), None)
    if unit is None:
        raise Http404
    return unit
