"""Display in templates: `{% load giaoban %}` is all a page needs."""

from django import forms, template
from django.templatetags.l10n import unlocalize
from django.utils.safestring import SafeString

from core import charts, display
from core.paging import AFTER, BEFORE
from core.periods import Period

register = template.Library()

register.filter("unlocalize", unlocalize)
register.filter("number", display.group_digits)
register.filter("day", display.day_text)
register.filter("clock", display.clock_text)
register.filter("moment", display.moment_text)
register.filter("day_long", display.long_day_text)
register.filter("short_name", display.short_person_name)
register.filter("initials", display.person_initials)
register.filter("file_size", display.size_text)
register.simple_tag(display.share_of, name="percent")
register.simple_tag(display.due_text, name="days_late")

DASH = SafeString('<span class="muted" aria-hidden="true">–</span><span class="visually-hidden">không có</span>')
CONTROL_CLASS = {"select": "form-select", "checkbox": "form-check-input"}
PAGE_KEYS = {AFTER, BEFORE}


@register.filter
def dash(value):
    """An empty cell is a dash that a screen reader reads as 'không có'."""
    if value is None or value == "":
        return DASH
    return value


def _kind_of(field):
    """How a field is laid out: input, select, checkbox or choices (a fieldset)."""
    if field.use_fieldset:
        return "choices"
    input_type = getattr(field.field.widget, "input_type", "input")
    return input_type if input_type in CONTROL_CLASS else "input"


@register.filter
def layout(field):
    return _kind_of(field)


@register.simple_tag
def control(field, hint=""):
    """The widget of a field with the classes and the aria links of the house."""
    own = field.field.widget.attrs.get("class", "")
    css = f"{CONTROL_CLASS.get(_kind_of(field), 'form-control')} {own}".strip()
    attrs = {"class": f"{css} is-invalid" if field.errors else css}
    described = [f"{field.auto_id}_helptext"] if hint or field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return field.as_widget(attrs=attrs)


def _anchor(field):
    return field.id_for_label or f"{field.auto_id}_0"


def _errors_of(form, place=""):
    rows = [{"anchor": "", "place": place, "text": text} for text in form.non_field_errors()]
    hidden = dict.fromkeys(text for field in form.hidden_fields() for text in field.errors)
    rows += [{"anchor": "", "place": place, "text": text} for text in hidden]
    for field in form.visible_fields():
        rows += [{"anchor": _anchor(field), "place": place, "text": _named(field, text)} for text in field.errors]
    return rows


def _named(field, text):
    """In a summary every line says which field it is about."""
    label = str(field.label)
    return text if label.lower() in text.lower() else f"{label}: {text}"


@register.simple_tag
def error_rows(form=None, formset=None):
    """Every error of a form and of a formset, with the id of the field it belongs to."""
    rows = _errors_of(form) if form and form.is_bound else []
    if formset and formset.is_bound:
        rows += [{"anchor": "", "place": "", "text": text} for text in formset.non_form_errors()]
        for number, row_form in enumerate(formset.forms, 1):
            rows += _errors_of(row_form, f"Dòng {number}: ")
    return rows


@register.inclusion_tag("components/_bar_chart.html")
def bar_chart(bars, title="", unit=""):
    return {"bars": charts.bars_of(bars), "title": title, "unit": unit}


@register.inclusion_tag("components/_line_chart.html")
def line_chart(series, title="", unit=""):
    marks = charts.marks_of(series)
    path, tail = charts.paths_of(marks)
    return {
        "marks": marks,
        "path": path,
        "tail": tail,
        "grid": charts.grid_of(series),
        "title": title,
        "unit": unit,
        "width": charts.WIDTH,
        "height": charts.HEIGHT,
        "left": charts.LEFT,
        "right": charts.WIDTH - charts.RIGHT,
        "label_y": charts.HEIGHT - 10,
    }


def _options(period, kinds, first_year, last_year):
    """The year of the period with its parts, and every other year, newest first."""
    groups = []
    for year in range(last_year, first_year - 1, -1):
        whole = Period.year(year)
        chosen = [whole] if "year" in kinds or year != period.last.year else []
        if year == period.last.year:
            for kind in ("quarter", "month"):
                chosen += whole.parts(kind) if kind in kinds else []
        groups.append((str(year), chosen))
    return groups


def _kept(request, own):
    """The parameters of the address that a GET form does not hold itself; a new choice begins at the first page."""
    others = [key for key in request.GET if key not in PAGE_KEYS | own]
    return [(key, value) for key in others for value in request.GET.getlist(key)]


@register.simple_tag(takes_context=True)
def kept_parameters(context, form):
    return _kept(context["request"], {form[name].html_name for name in form.fields}) if "request" in context else []


SHOWN_FILTERS = 3
"""Filters that stand open above a list; the others are one press away, and the chips say which are in force."""


def _chosen_words(field, value):
    """What a filter says in words: the label of the choice, or what was typed; empty where nothing is chosen."""
    if value in (None, "", []):
        return ""
    if isinstance(field.field, forms.BooleanField):
        return "" if str(value).lower() in ("false", "0") else str(field.label)
    flat = {}
    for key, label in getattr(field.field, "choices", ()):
        flat |= {str(k): v for k, v in label} if isinstance(label, list | tuple) else {str(key): label}
    return str(flat.get(str(value), value if not flat else ""))


@register.simple_tag(takes_context=True)
def filter_parts(context, form):
    """The fields that stand open, the others, and a chip for each filter in force with the address without it."""
    request, fields = context["request"], list(form.visible_fields())
    is_open, chips = False, []
    for number, field in enumerate(fields):
        value = request.GET.get(field.html_name)
        words = _chosen_words(field, value)
        is_open |= bool(field.errors) and number >= SHOWN_FILTERS
        if not words:
            continue
        query = request.GET.copy()
        for key in (field.html_name, *PAGE_KEYS):
            query.pop(key, None)
        label = "" if isinstance(field.field, forms.BooleanField) else str(field.label)
        chips.append({"label": label, "words": words, "url": f"{request.path}?{query.urlencode()}"})
    return {"first": fields[:SHOWN_FILTERS], "rest": fields[SHOWN_FILTERS:], "is_open": is_open, "chips": chips}


@register.inclusion_tag("components/_period_picker.html", takes_context=True)
def period_picker(context, period, name="ky", first_year=2015, kinds="month quarter year", bounds=None):
    """Previous and next period, and a list to choose from; the other parameters of the address are kept.

    `bounds`: (first, last) year that the page answers at all.
    """
    request = context["request"]
    today = context.get("today")
    last_year = max(period.last.year, today.year if today else 0)
    first_year, last_year = bounds or (min(first_year, period.first.year), last_year)
    return {
        "action": request.path,
        "period": period,
        "name": name,
        "kept": _kept(request, {name}),
        "groups": _options(period, kinds.split(), first_year, last_year),
        "previous": _address(request, name, period, -1, bounds),
        "following": _address(request, name, period, 1, bounds),
    }


def _address(request, name, period, step, bounds):
    if period.kind == "years":
        return ""
    neighbour = period.next() if step > 0 else period.previous()
    if bounds and not bounds[0] <= neighbour.last.year <= bounds[1]:
        return ""
    query = request.GET.copy()
    for key in PAGE_KEYS:
        query.pop(key, None)
    query[name] = neighbour.code
    return f"?{query.urlencode()}"
