"""The ratings of a year: a commune's villages in one form, a district's communes with counts and the way down."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import Conflict, DomainError
from core.periods import Period
from core.routing import form_page
from visits.access import may_keep_assignments
from visits.enums import Rating
from visits.helped.forms import RatingForm
from visits.helped.rating_table import rating_table
from visits.helped.rules import FIRST_RATED_YEAR, check_rated_year
from visits.services.ratings import rate_cells
from visits.views.assignments import chosen_unit, parents_within
from visits.views.visits import BRANCH


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
