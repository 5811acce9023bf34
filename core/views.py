"""Pages of background jobs, and the answers when something goes wrong."""

import sys

from django import forms
from django.db import InterfaceError, OperationalError
from django.forms import formset_factory
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from core import drafts, jobs
from core.files import file_answer
from core.forms import GuidedForm
from core.models import Draft, Job, JobStatus
from core.periods import Period
from core.routing import act, form_page, page, polling, unkept
from core.text import LABELS, decode, detect


@page()
def job_detail(request, pk):
    return render(request, "core/job_detail.html", _shown(_own_job(request, pk)))


@polling
@page()
def job_progress(request, pk):
    return render(request, "core/_job_progress.html", _shown(_own_job(request, pk)))


@polling
@page()
def job_state(request, pk):
    job = _own_job(request, pk)
    state = {"state": job.status, "done": job.done, "total": job.total, "runs": job.runs}
    return JsonResponse(state | {"file": _file_url(job)})


@page()
def job_file(request, pk):
    job = _own_job(request, pk)
    if job.status != JobStatus.DONE or not jobs.may_read(job, request.user):
        raise Http404
    return file_answer(job.file, job.file_name)


@act()
def session_keep(request):
    """A person is typing on a long form: the idle clock, which any such request renews, starts again."""
    return HttpResponse(status=204)


@unkept
@form_page()
def draft_keep(request):
    """GET: one's own drafts of the form `?form=` (or the one `?nhap=`); POST: keep what a page holds now."""
    if request.method == "POST":
        form, tabs = request.POST.get("draft_form", ""), request.POST.get("draft_tab", "").split()
        address = request.POST.get("draft_address", "")
        if not (form and tabs and drafts.is_local(address)):
            return JsonResponse({}, status=400)
        title, content = request.POST.get("draft_title", ""), drafts.typed_fields(request.POST)
        drafts.keep_draft(request.user.pk, form=form, tabs=tabs, title=title, address=address, content=content)
        return HttpResponse(status=204)
    asked = drafts.asked_draft(request)
    own = Draft.objects.filter(owner_id=request.user.pk, form=request.GET.get("form", "")).order_by("-saved_at")
    rows = [asked] if asked else own[: drafts.MOST_SHOWN]
    found = [
        {"tab": row.tab, "at": int(row.saved_at.timestamp() * 1000), "action": row.action, "values": row.content}
        | {"earlier": [{"at": each["at"] * 1000, "values": each["content"]} for each in row.earlier]}
        for row in rows
    ]
    return JsonResponse({"drafts": found})


@unkept
@act()
def draft_drop(request):
    drafts.drop_drafts(request.user.pk, request.POST.get("draft_tab", "").split())
    return HttpResponse(status=204)


@unkept
@act()
def read_old_letters(request):
    """Pasted text that was typed for a TCVN3 or VNI font, in Unicode; nothing for any other. It is not kept."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    encoding = detect(text)
    found = {"label": LABELS[encoding], "text": decode(text, encoding)} if encoding else {}
    return JsonResponse(found)


def server_error(request):
    """The last resort: no session, no database. A database that restarts is told apart from an error of ours."""
    busy = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    if busy:
        answer = HttpResponse(render_to_string("503.html"), status=503)
        answer["Retry-After"] = "5"
        return answer
    return HttpResponse(render_to_string("500.html"), status=500)


def _own_job(request, pk):
    return get_object_or_404(Job, pk=pk, owner_id=request.user.pk)


def _file_url(job):
    return reverse("job_file", args=[job.pk]) if job.status == JobStatus.DONE and job.file else None


def _shown(job):
    return {
        "job": job,
        "file_url": _file_url(job),
        "is_finished": job.status in (JobStatus.DONE, JobStatus.FAILED),
        "is_failed": job.status == JobStatus.FAILED,
        "is_counted": job.total > 0,
        "percent": min(100, job.done * 100 // job.total) if job.total else 0,
    }


TOPICS = [("", "Chọn lĩnh vực"), ("LAND", "Đất đai"), ("TRANSPORT", "Giao thông"), ("ENV", "Môi trường, rác thải")]
VILLAGES = [("", "Chọn thôn"), ("1", "Thôn Đông Tiến"), ("2", "Thôn Hà Dong Bắc"), ("3", "Thôn Đồng Mậm")]
KINDS = [("PERIODIC", "Định kỳ"), ("THEMATIC", "Chuyên đề"), ("EXTRAORDINARY", "Đột xuất")]
MONTHS = [{"text": f"T{month}", "title": f"Tháng {month}"} for month in range(1, 13)]
COMMUNES = ["Đông Ngũ", "Đông Hải", "Hải Lạng", "Tiên Lãng", "Phong Dụ", "Yên Than"]
CELLS = [
    ("✓ họp", "heat-held"),
    ("muộn", "heat-late"),
    ("họp bù", "heat-made-up"),
    ("thiếu", "heat-missing"),
    ("miễn", "heat-exempt"),
]
STATUSES = [
    ("Đã giải quyết xong", "done"),
    ("Đang giải quyết", "progress"),
    ("Chưa phân công", "waiting"),
    ("Còn 3 ngày", "soon"),
    ("Quá hạn 5 ngày", "late"),
    ("Không có cơ sở giải quyết", "problem"),
    ("Rút ý kiến", "neutral"),
]


class SampleForm(GuidedForm):
    held_on = forms.DateField(label="Ngày họp", help_text="Dạng ngày/tháng/năm, ví dụ 25/11/2026")
    village = forms.ChoiceField(
        label="Thôn, bản, khu phố", choices=VILLAGES, widget=forms.Select(attrs={"data-picker": ""})
    )
    kind = forms.ChoiceField(label="Loại hội nghị", choices=KINDS, widget=forms.RadioSelect)
    topics = forms.MultipleChoiceField(
        label="Lĩnh vực", choices=TOPICS[1:], widget=forms.CheckboxSelectMultiple, required=False
    )
    note = forms.CharField(label="Ghi chú", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    is_pressing = forms.BooleanField(label="Vấn đề nổi cộm", required=False, help_text="Người dân đang bức xúc.")


class SampleFilter(forms.Form):
    q = forms.CharField(label="Từ khóa", required=False, widget=forms.TextInput(attrs={"type": "search"}))
    topic = forms.ChoiceField(label="Lĩnh vực", choices=[("", "Tất cả"), *TOPICS[1:]], required=False)
    state = forms.ChoiceField(label="Tình trạng", choices=[("", "Tất cả"), ("late", "Quá hạn")], required=False)


class SampleOpinion(GuidedForm):
    village = forms.ChoiceField(label="Thôn", choices=VILLAGES, widget=forms.Select(attrs={"data-grid-keep": ""}))
    topic = forms.ChoiceField(label="Lĩnh vực", choices=TOPICS, widget=forms.Select(attrs={"data-grid-keep": ""}))
    text = forms.CharField(label="Nội dung", widget=forms.Textarea(attrs={"rows": 2, "data-grid-text": ""}))


SampleOpinions = formset_factory(SampleOpinion, extra=1, can_delete=True)


def _heat_rows():
    for number, name in enumerate(COMMUNES):
        cells = [CELLS[0 if (number + month) % 3 else (number * month) % 5] for month in range(1, 13)]
        yield {
            "head": f"Xã {name}",
            "url": "#heat",
            "cells": [
                {"text": text, "class": css, "url": "#heat", "title": f"tháng {i}"}
                for i, (text, css) in enumerate(cells, 1)
            ],
        }


def _pictures():
    return {
        "columns": MONTHS,
        "heat_rows": list(_heat_rows()),
        "legend": [{"class": css, "text": text} for text, css in CELLS],
        "bars": [
            {"label": label, "value": value, "url": "#charts"}
            for label, value in (
                ("Đất đai", 2140),
                ("Giao thông", 1876),
                ("Môi trường, rác thải", 1204),
                ("Điện, chiếu sáng", 96),
            )
        ],
        "series": [{"label": str(year), "value": 700 + (year - 2013) ** 2 * 90} for year in range(2013, 2024)],
    }


@page(roles=("admin",))
def style_guide(request):
    today = timezone.localdate()
    context = {
        "today": today,
        "now": timezone.now(),
        "trail": [
            {"label": "Tỉnh Quảng Ninh", "url": "#trail"},
            {"label": "Huyện Tiên Yên", "url": "#trail"},
            {"label": "Kiểu dáng"},
        ],
        "tabs": [
            {"label": "Quá hạn", "url": "#tabs", "count": 12, "active": True},
            {"label": "Đang giải quyết", "url": "#tabs", "count": 1140},
            {"label": "Tất cả", "url": "#tabs"},
        ],
        "statuses": STATUSES,
        "form": SampleForm(),
        "wrong_form": SampleForm({"held_on": "32/13/2026", "kind": "PERIODIC"}, auto_id="wrong_%s"),
        "filter_form": SampleFilter(request.GET or None, auto_id="filter_%s"),
        "opinions": SampleOpinions(prefix="opinions"),
        "period": Period.of_day(today, "month"),
        "people": ["Nguyễn Văn An", "Trần Thị Bình", "Hoàng Văn Chính"],
        **_pictures(),
    }
    return render(request, "core/style_guide.html", context)
