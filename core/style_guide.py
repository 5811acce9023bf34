"""The page that shows every component once, so that nobody draws a second one."""

from django import forms
from django.forms import formset_factory
from django.shortcuts import render
from django.utils import timezone

from core.forms import GuidedForm
from core.periods import Period
from core.routing import page

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
