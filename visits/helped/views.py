"""Helped units: the register with its gaps, a new line, one of them with its checks, its end."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, DomainError, NotAllowed
from core.merging import refuse
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page
from visits.access import may_check_help, may_keep_assignments, may_keep_help
from visits.assignments.views import chosen_unit, parents_within
from visits.enums import Rating
from visits.helped.forms import CheckForm, ExitForm, HelpedFilter, HelpForm, RatingForm
from visits.helped.reads import (
    COLUMNS,
    before_after,
    began_on,
    bodies_helping,
    gaps_of,
    in_state,
    named,
    places_helped,
    quarters_of,
    rating_before,
    rating_table,
    shown_rows,
)
from visits.helped.rules import FIRST_RATED_YEAR, check_rated_year
from visits.helped.services import check_help, edit_help, end_help, rate_cells, register_help
from visits.models import HelpedUnit
from visits.openings import posts_offered
from visits.views import BRANCH, VISITING

HELPING = (*VISITING, "agency")
GAPS_SHOWN, GAPS_MOST = 8, 300


@page()
def helped_unit_list(request):
    today, user = timezone.localdate(), request.user
    filters = HelpedFilter(request.GET, user=user, today=today)
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    helped = HelpedUnit.objects.visible_to(user).in_year(filters.year).filter(filters.place())
    helped = in_state(helped, filters.state, today)
    found = keyset_page(helped.values(*COLUMNS), ["-registered_on", "-pk"], request.GET)
    context = {
        "form": filters,
        "rows": shown_rows(found.rows, today),
        "total": helped.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "year": filters.year,
        "may_keep": may_keep_assignments(user),
        **({} if filters.state else _gaps(request, filters, today)),
    }
    return TemplateResponse(request, "visits/helped_list.html", context)


def _gaps(request, filters, today):
    """The weak places that nobody helps: some of them, or all when the address asks for them."""
    gaps = gaps_of(request.user, filters.year, filters.place(), today)
    is_all = request.GET.get("muc") == "chua-giup"
    rows = [
        {
            "unit_id": gap.unit_id,
            "place": named(gap.unit.name, gap.commune.name if gap.commune else ""),
            "rating": gap.get_rating_display(),
        }
        for gap in gaps[: GAPS_MOST if is_all else GAPS_SHOWN]
    ]
    query = request.GET.copy()
    query["muc"] = "chua-giup"
    return {"gaps": rows, "gap_count": gaps.count(), "gaps_url": f"?{query.urlencode()}"}


def _form(request, user, today, initial, places=None):
    return HelpForm(
        request.POST or None,
        initial=initial,
        places=places,
        posts=posts_offered(user, today),
        bodies=bodies_helping(user, today),
    )


@form_page(roles=BRANCH)
def helped_unit_create(request):
    today, user = timezone.localdate(), request.user
    initial = {"request_id": uuid.uuid4(), "registered_on": today, "unit": request.GET.get("noi", "")}
    form = _form(request, user, today, initial, places_helped(user, today))
    if request.method == "POST" and form.is_valid():
        try:
            request_id = form.cleaned_data["request_id"]
            request_id = f"{user.pk}-{request_id}" if request_id else None
            helped = register_help(form.order(), actor=user, request_id=request_id, today=today)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "Đã đăng ký giúp đỡ; bên giúp đỡ được báo.")
            return redirect(helped)
    return TemplateResponse(request, "visits/helped_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _helped(request, pk):
    helped = HelpedUnit.objects.visible_to(request.user)
    related = ("unit", "commune", "helper_post__person", "helper_post__unit", "helper_body__unit")
    return get_object_or_404(helped.select_related(*related), pk=pk)


@form_page(roles=BRANCH)
def helped_unit_edit(request, pk):
    helped, today, user, status, saved = _helped(request, pk), timezone.localdate(), request.user, 200, None
    if not may_keep_help(user, helped) or (helped.exited_on and request.method != "POST"):
        return redirect(helped)
    form = _form(request, user, today, _initial(helped))
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                order = form.order(helped.unit, helped.registered_on)
                return redirect(edit_help(pk, order, actor=user, version=form.cleaned_data["version"], today=today))
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _helped(request, pk))
    context = {"form": form, "helped": helped, "saved": saved}
    return TemplateResponse(request, "visits/helped_form.html", context, status=status)


def _initial(helped):
    helper = f"c{helped.helper_post_id}" if helped.helper_post_id else f"q{helped.helper_body_id}"
    fields = ("reason", "plan", "document", "version")
    return {"helper": helper, **{name: getattr(helped, name) for name in fields}}


@page(roles=HELPING)
def helped_unit_detail(request, pk):
    return _show(request, _helped(request, pk))


def _show(request, helped, status=200, check_form=None, exit_form=None):
    """The page of one helped unit; a form that was refused comes with what was typed."""
    today, user = timezone.localdate(), request.user
    quarters = quarters_of(helped.registered_on, helped.exited_on, helped.checks.all(), today)
    token = {"request_id": uuid.uuid4(), "checked_on": today, "checked_by_name": user.person.name}
    may_keep = may_keep_help(user, helped) and not helped.exited_on
    context = {
        "helped": helped,
        "place": named(helped.unit.name, helped.commune.name if helped.commune else ""),
        "began_on": began_on(helped),
        "rating": rating_before(helped),
        "quarters": quarters,
        "figures": before_after(helped, user, today),
        "trail": [{"label": "Giúp đỡ", "url": reverse("helped_unit_list")}, {"label": helped.unit.name, "url": ""}],
        "may_check": may_check_help(user, helped),
        "may_keep": may_keep,
        "check_form": check_form or CheckForm(initial=token),
        "exit_form": exit_form or ExitForm(initial={"exited_on": today, "version": helped.version}),
    }
    return TemplateResponse(request, "visits/helped_detail.html", context, status=status)


def _change(request, pk, name, form, save, sentence):
    """One act: not visible → 404, refused → the page again with what was typed, done → back to the helped unit."""
    helped, status = _helped(request, pk), 422
    try:
        if form.is_valid():
            save(form.cleaned_data)
            messages.success(request, sentence)
            return redirect(helped)
    except NotAllowed:
        raise
    except DomainError as error:
        status, helped = error.status_code, refuse(form, error, lambda: _helped(request, pk)) or helped
    return _show(request, helped, status, **{name: form})


@act(roles=HELPING)
def helped_unit_check(request, pk):
    def save(data):
        data = data | {"request_id": f"{request.user.pk}-{data['request_id']}"}
        check_help(pk, actor=request.user, today=timezone.localdate(), **data)

    return _change(request, pk, "check_form", CheckForm(request.POST), save, "Đã ghi lượt kiểm tra.")


@act(roles=BRANCH)
def helped_unit_exit(request, pk):
    def save(data):
        end_help(pk, actor=request.user, today=timezone.localdate(), **data)

    return _change(request, pk, "exit_form", ExitForm(request.POST), save, "Đã ghi kết thúc giúp đỡ.")


@form_page(roles=BRANCH)
def cell_rating_edit(request):
    today, status = timezone.localdate(), 200
    unit = chosen_unit(request, today)
    period = Period.year(Period.parse(request.GET.get("ky") or str(today.year - 1)).last.year)
    check_rated_year(period.last.year, today)
    table = rating_table(unit, request.user, period.last.year, today)
    form = RatingForm(request.POST or None, units=table.units, saved=table.saved)
    if request.method == "POST":
        status = _save(request, form, period.last.year, today)
        if status == 200:
            return redirect(request.get_full_path())
    context = {
        "unit": unit,
        "period": period,
        "rated_years": (FIRST_RATED_YEAR, today.year),
        "table": table,
        "lines": [_line(line, form) for line in table.lines],
        "total": len(table.lines),
        "ratings": Rating,
        "form": form,
        "may_rate": bool(table.units),
        "parents": parents_within(request.user, unit, today),
        "may_keep": may_keep_assignments(request.user),
    }
    return TemplateResponse(request, "visits/rating_edit.html", context, status=status)


def _save(request, form, year, today):
    """200 when saved; else what is wrong stands in the form."""
    if not form.is_valid():
        return 422
    data = form.cleaned_data
    try:
        number = rate_cells(
            form.entries(),
            year=year,
            document=data["document"],
            shown_document=data["shown_document"],
            actor=request.user,
            today=today,
        )
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        if isinstance(error, Conflict):
            form.take_versions(year)
        return error.status_code
    messages.success(request, f"Đã ghi xếp loại của {number} nơi." if number else "Không có gì thay đổi.")
    return 200


def _line(line, form):
    """A line with its fields, where the user may rate."""
    pk = line["unit"].pk
    fields = {"field": form[f"rating_{pk}"], "version": form[f"version_{pk}"]} if line["may_rate"] else {}
    return line | fields
