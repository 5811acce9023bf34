"""The commendation register."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.conflicts import refuse
from core.errors import DomainError
from core.paging import keyset_page
from core.routing import act, form_page, page
from meetings.views import version_of
from units.enums import LEVEL_ORDER
from units.models import Unit
from visits.access import keeps, may_keep_assignments
from visits.enums import CommendationForm
from visits.models import Commendation
from visits.openings import kept_units
from visits.registers.forms import CommendationFilter, CommendForm
from visits.registers.initiatives import readable_initiatives
from visits.registers.openings import initiatives_offered, kept_communes, recipient_label, recipients
from visits.services.commending import drop_commendation, edit_commendation, record_commendation
from visits.views.visits import BRANCH

COLUMNS = ("pk", "form", "issuer", "decision_number", "decided_on", "reason")
NAMES = ("person__name", "unit__name", "commune__name", "village__name")
FACTS = ("form", "issuer", "decision_number", "decided_on", "reason", "version")


@page()
def commendation_list(request):
    filters = CommendationFilter(request.GET, user=request.user, today=timezone.localdate())
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    rows = filters.apply(Commendation.objects.visible_to(request.user))
    found = keyset_page(rows.values(*COLUMNS, *NAMES), ["-decided_on", "-pk"], request.GET)
    for row in found.rows:
        row["form"] = CommendationForm(row["form"]).label
        row["place"] = _place(row)
    context = {
        "form": filters,
        "rows": found.rows,
        "total": rows.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "may_keep": may_keep_assignments(request.user),
    }
    return TemplateResponse(request, "visits/commendation_list.html", context)


def _place(row):
    """Where somebody was commended; a village is named already."""
    names = [row["unit__name"] if row["person__name"] else "", row["commune__name"]]
    return ", ".join(dict.fromkeys(filter(None, names)))


def _commendation(request, pk):
    related = ("person", "post__unit", "unit", "village", "commune", "initiative__opinion")
    return get_object_or_404(Commendation.objects.visible_to(request.user).select_related(*related), pk=pk)


def _readable(user, commendation):
    """The initiative behind it, if the user may read it."""
    initiative = commendation.initiative
    if initiative and readable_initiatives(user).filter(pk=initiative.pk).exists():
        return initiative
    return None


@page()
def commendation_detail(request, pk):
    commendation = _commendation(request, pk)
    context = {
        "commendation": commendation,
        "initiative": _readable(request.user, commendation),
        "may_edit": keeps(request.user, commendation),
        "trail": [
            {"label": "Sổ khen thưởng", "url": reverse("commendation_list")},
            {"label": "Khen thưởng", "url": ""},
        ],
    }
    return TemplateResponse(request, "visits/commendation_detail.html", context)


def _unit(request, communes):
    """The commune of the address, else the widest unit whose register the user keeps; others are 404."""
    if key := request.GET.get("don-vi"):
        return get_object_or_404(communes, key=key)
    own = sorted(Unit.objects.filter(pk__in=kept_units(request.user)), key=lambda u: (LEVEL_ORDER.index(u.level), u.pk))
    if not own:
        raise DomainError("Đồng chí không giữ sổ khen thưởng của đơn vị nào.")
    return own[0]


def _form(request, unit, initial, saved=None):
    """The form over the recipients of a unit; what was saved stays among the choices, an unreadable link as it is."""
    posts, villages = recipients(request.user, unit, timezone.localdate())
    initiatives, unread = list(initiatives_offered(request.user, unit)), None
    if saved:
        if saved.post_id and saved.post_id not in dict(posts):
            posts.append((saved.post_id, recipient_label(saved.post)))
        if not saved.post_id and saved.unit_id not in dict(villages):
            villages.append((saved.unit_id, saved.unit.name))
        kept = _readable(request.user, saved)
        initiatives += [kept] if kept and kept not in initiatives else []
        unread = None if kept else saved.initiative
    options = {"posts": posts, "villages": villages, "initiatives": initiatives, "unread": unread}
    return CommendForm(request.POST or None, initial=initial, **options)


@form_page(roles=BRANCH)
def commendation_create(request):
    today = timezone.localdate()
    communes = kept_communes(request.user, today)
    unit = _unit(request, communes)
    form = _form(request, unit, {"request_id": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        word = form.cleaned_data["request_id"]
        request_id = f"{request.user.pk}-{word}" if word else None
        try:
            saved = record_commendation(form.facts(), actor=request.user, request_id=request_id, today=today)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "Đã ghi khen thưởng.")
            return redirect(saved)
    context = {"form": form, "unit": unit, "communes": communes}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "visits/commendation_form.html", context, status=status)


@form_page(roles=BRANCH)
def commendation_edit(request, pk):
    commendation, status, saved = _commendation(request, pk), 200, None
    if not keeps(request.user, commendation):
        return redirect(commendation)
    form = _form(request, commendation.commune or commendation.unit, _initial(commendation), commendation)
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                version, today = form.cleaned_data["version"], timezone.localdate()
                return redirect(edit_commendation(pk, form.facts(), actor=request.user, version=version, today=today))
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _commendation(request, pk))
    context = {"form": form, "commendation": commendation, "saved": saved}
    return TemplateResponse(request, "visits/commendation_form.html", context, status=status)


def _initial(commendation):
    initial = {name: getattr(commendation, name) for name in FACTS}
    initial |= {"post": commendation.post_id, "initiative": commendation.initiative_id}
    return initial | {"village": None if commendation.post_id else commendation.unit_id}


@act(roles=BRANCH)
def commendation_drop(request, pk):
    commendation = _commendation(request, pk)
    drop_commendation(commendation.pk, actor=request.user, version=version_of(request))
    messages.success(request, "Đã bỏ mục khen thưởng khỏi sổ.")
    return redirect("commendation_list")
