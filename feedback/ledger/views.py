"""The way in for a book of old years."""

from io import BytesIO

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone

from core.models import Job
from core.routing import act, form_page, page, polling
from feedback.enums import LEDGER_KEEPERS, LedgerState, ReportGroup
from feedback.ledger import services as ledger_services
from feedback.ledger.book import write_ledger_form
from feedback.models import LedgerImport
from intake.submissions import grouped
from people.forms import UnitOptions, unit_picker
from people.reads import page_of
from units.enums import Level
from units.forms import NewForm
from units.models import Unit, UnitLineage


def ledger_units(user, today):
    """Units above village level, in force, whose books the user may bring in."""
    grants = [grant for grant in user.scope.grants if grant.writes and grant.role in LEDGER_KEEPERS]
    branch = {pk for grant in grants for pk in grant.unit_ids}
    lineage = UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("pk"))
    return Unit.objects.filter(Exists(lineage.on(today))).exclude(level=Level.VILLAGE).on(today)


class LedgerForm(NewForm):
    unit = UnitOptions(label="Đơn vị", empty_label="Chọn đơn vị", widget=unit_picker())
    file = forms.FileField(
        label="Tệp sổ (.xlsx)",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="Mỗi trang tối đa 20.000 dòng. Chưa dòng nào được ghi cho đến khi đồng chí bấm Ghi.",
    )

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        units = ledger_units(user, today)
        self.fields["unit"].required = True
        self.fields["unit"].offer(units, today)
        if len(only := list(units.values_list("key", flat=True)[:2])) == 1:
            self.fields["unit"].initial = only[0]


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRAIL = [{"label": "Ý kiến, kiến nghị", "url": "/y-kien/"}]
HERE = {"label": "Nhập sổ các năm trước", "url": "/y-kien/nhap-so/"}
FAULTS_SHOWN = 500
TOTALS = {"meetings": "Hội nghị", "attendance": "Lượt đại biểu", "opinions": "Ý kiến"} | {
    group.value: group.label.split(",")[0].split(" (")[0] for group in ReportGroup
}


@form_page(roles=LEDGER_KEEPERS)
def ledger_import(request):
    today = timezone.localdate()
    form = LedgerForm(request.POST or None, request.FILES or None, user=request.user, today=today)
    if request.method == "POST" and (item := form.run(ledger_services.receive_ledger, actor=request.user, today=today)):
        return redirect(item)
    context = {
        "form": form,
        "earlier": LedgerImport.objects.visible_to(request.user).select_related("unit").defer("report", "planned")[:20],
        "unit_key": form["unit"].value() or "",
        "trail": [*TRAIL, {"label": HERE["label"]}],
    }
    return TemplateResponse(request, "feedback/ledger_import.html", context, status=422 if form.is_bound else 200)


@page(roles=LEDGER_KEEPERS)
def ledger_form(request):
    """The blank book; with a unit, the names of the units below it."""
    today, key = timezone.localdate(), request.GET.get("don-vi", "")
    unit = get_object_or_404(ledger_units(request.user, today), key=key) if key else None
    stream = BytesIO()
    write_ledger_form(stream, unit, today)
    answer = HttpResponse(stream.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="so-giao-ban-cac-nam-truoc.xlsx"'
    return answer


@page(roles=LEDGER_KEEPERS)
def ledger_detail(request, pk):
    item = _item(request, pk)
    context = _shown(request, item) | {"trail": [*TRAIL, HERE, {"label": item.name}]}
    return render(request, "feedback/ledger_detail.html", context)


@polling
@page(roles=LEDGER_KEEPERS)
def ledger_progress(request, pk):
    return render(request, "feedback/_ledger_state.html", _shown(request, _item(request, pk)))


@act(roles=LEDGER_KEEPERS)
def ledger_apply(request, pk):
    item = _item(request, pk)
    digest, accepted = request.POST.get("version", ""), request.POST.getlist("accept")
    today = timezone.localdate()
    ledger_services.confirm_ledger(actor=request.user, item=item, digest=digest, today=today, accepted=accepted)
    return redirect(item)


@act(roles=LEDGER_KEEPERS)
def ledger_undo(request, pk):
    item = _item(request, pk)
    ledger_services.confirm_undo(actor=request.user, item=item, today=timezone.localdate())
    return redirect(item)


def _item(request, pk):
    return get_object_or_404(LedgerImport.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _shown(request, item):
    """What the page shows of a book: its state, its faults, its totals, its meetings."""
    report = item.report
    rows, faults = report.get("rows", ()), report.get("faults", ())
    shown, pager = page_of(request, rows, len(rows))
    return {
        "item": item,
        "job": Job.objects.filter(pk=item.job_id).first() if item.is_waiting else None,
        "report": report,
        "again": report.get("again") if item.state == LedgerState.READY else None,
        "is_applied": item.state == LedgerState.APPLIED,
        "is_undone": item.state == LedgerState.UNDONE,
        "is_faulty": item.state in (LedgerState.FAULTY, LedgerState.UNREADABLE),
        "faults": faults[:FAULTS_SHOWN],
        "questions": grouped(report),
        "fault_count": report.get("fault_count", 0),
        "more_faults": max(0, report.get("fault_count", 0) - FAULTS_SHOWN),
        "totals": [_total(sums) for sums in report.get("totals", ())],
        "groups": TOTALS.values(),
        "rows": shown,
        "total": len(rows),
        "cut_rows": max(0, report.get("meetings", 0) - len(rows)) if rows else 0,
        **pager,
    }


def _total(sums):
    """One line of the table of totals: year, level in words, then the numbers in the order of the heads."""
    return {
        "year": sums["year"],
        "level": Level(sums["level"]).label,
        "numbers": [(label, sums[word]) for word, label in TOTALS.items()],
    }
