"""The way in for a roster file."""

from io import BytesIO

from django import forms
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone

from core.models import Job
from core.routing import act, form_page, page, polling
from intake.submissions import grouped
from people.enums import POST_EDITORS, ImportState
from people.forms import UnitOptions, unit_picker
from people.models import RosterImport
from people.reads import page_of
from people.roster import services as roster_services
from people.roster.planning import KEPT, VACANT, WRITING
from people.roster.services import write_roster_form
from units.enums import Level
from units.forms import NewForm
from units.models import Unit, UnitLineage


def roster_units(user, today):
    """Units above village level, in force, whose posts the user keeps."""
    grants = [grant for grant in user.scope.grants if grant.writes and grant.role in POST_EDITORS]
    branch = {pk for grant in grants for pk in grant.unit_ids}
    lineage = UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("pk"))
    return Unit.objects.filter(Exists(lineage.on(today))).exclude(level=Level.VILLAGE).on(today)


class RosterForm(NewForm):
    unit = UnitOptions(label="Đơn vị", empty_label="Chọn đơn vị", widget=unit_picker())
    file = forms.FileField(
        label="Tệp danh sách (.xlsx)",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="Mỗi chức danh một dòng, tối đa 20.000 dòng. Chưa dòng nào được ghi cho đến khi đồng chí bấm Ghi.",
    )

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        units = roster_units(user, today)
        self.fields["unit"].required = True
        self.fields["unit"].offer(units, today)
        if len(only := list(units.values_list("key", flat=True)[:2])) == 1:
            self.fields["unit"].initial = only[0]


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TRAIL = [{"label": "Danh bạ", "url": "/danh-ba/"}]
FAULTS_SHOWN = 500
CUTS = {"": ("Sẽ thay đổi", WRITING), "khong-doi": ("Không đổi", (KEPT, VACANT)), "tat-ca": ("Tất cả các dòng", ())}
"""Values of `muc`: which rows are listed."""


@form_page(roles=POST_EDITORS)
def roster_import(request):
    today = timezone.localdate()
    form = RosterForm(request.POST or None, request.FILES or None, user=request.user, today=today)
    if request.method == "POST" and (item := form.run(roster_services.receive_roster, actor=request.user, today=today)):
        return redirect(item)
    context = {
        "form": form,
        "earlier": RosterImport.objects.visible_to(request.user).select_related("unit").defer("report")[:10],
        "unit_key": form["unit"].value() or "",
        "trail": [*TRAIL, {"label": "Nhập từ Excel"}],
    }
    return TemplateResponse(request, "people/roster_import.html", context, status=422 if form.is_bound else 200)


@page(roles=POST_EDITORS)
def roster_form(request):
    """The blank file; with a unit, its villages and who holds their posts today."""
    today, key = timezone.localdate(), request.GET.get("don-vi", "")
    unit = get_object_or_404(roster_units(request.user, today), key=key) if key else None
    stream = BytesIO()
    write_roster_form(stream, unit, today)
    answer = HttpResponse(stream.getvalue(), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="danh-sach-thon-khu.xlsx"'
    return answer


@page(roles=POST_EDITORS)
def roster_detail(request, pk):
    item = _item(request, pk)
    context = _shown(request, item) | {"trail": [*TRAIL, {"label": "Nhập từ Excel", "url": "/danh-ba/nhap/"}]}
    context["trail"].append({"label": item.name})
    return render(request, "people/roster_detail.html", context)


@polling
@page(roles=POST_EDITORS)
def roster_progress(request, pk):
    return render(request, "people/_roster_state.html", _shown(request, _item(request, pk)))


@act(roles=POST_EDITORS)
def roster_apply(request, pk):
    item = _item(request, pk)
    digest, accepted = request.POST.get("version", ""), request.POST.getlist("accept")
    today = timezone.localdate()
    roster_services.confirm_roster(actor=request.user, item=item, digest=digest, today=today, accepted=accepted)
    return redirect(item)


def _item(request, pk):
    return get_object_or_404(RosterImport.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _shown(request, item):
    """What the page shows of a file: its state, its faults, the rows of the chosen cut."""
    report, cut = item.report, request.GET.get("muc", "")
    cut = cut if cut in CUTS else ""
    acts = CUTS[cut][1]
    rows = [row for row in report.get("rows", ()) if row["act"] in acts or not acts]
    shown, pager = page_of(request, rows, len(rows))
    faults = report.get("faults", ())
    is_applied = item.state == ImportState.APPLIED
    return {
        "item": item,
        "job": Job.objects.filter(pk=item.job_id, owner_id=request.user.pk).first() if item.is_waiting else None,
        "faults": faults[:FAULTS_SHOWN],
        "questions": grouped(report),
        "fault_count": len(faults),
        "more_faults": max(0, len(faults) - FAULTS_SHOWN),
        "changes": report.get("changes", 0),
        "counts": report.get("counts", {}),
        "is_applied": is_applied,
        "is_faulty": item.state in (ImportState.FAULTY, ImportState.UNREADABLE),
        "tabs": _tabs(report.get("rows", ()), cut, is_applied),
        "rows": shown,
        "total": len(rows),
        **pager,
    }


def _tabs(rows, chosen, is_applied):
    return [
        {
            "label": "Đã thay đổi" if is_applied and not key else label,
            "url": f"?muc={key}" if key else "?",
            "count": sum(row["act"] in acts or not acts for row in rows),
            "active": key == chosen,
        }
        for key, (label, acts) in CUTS.items()
    ]
