"""How documents look: the dated style of a regime in a province, the country's, or what the rules printed last say."""

from django.db import transaction
from django.db.models import F, Q

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.paper import GOV, PARTY
from meetings.access import may_keep_rules
from meetings.models import PaperStyle
from units.models import Unit

SIZES = (
    *("top_mm", "bottom_mm", "left_mm", "right_mm", "motto_pt", "issuer_pt", "number_pt", "place_pt"),
    *("title_pt", "subject_pt", "body_pt", "line_spacing"),
)
DEFAULTS = {
    PARTY: {"document": "36-HD/VPTW"},
    GOV: {
        "document": "Nghị định 30/2020/NĐ-CP",
        "motto_pt": 13,
        "issuer_pt": 13,
        "number_pt": 13,
        "place_pt": 14,
        "title_pt": 14,
        "subject_pt": 14,
        "body_pt": 14,
    },
}
"""Used where nobody wrote a style; what they leave out is the model's own default (the Party's values)."""


def default_style(regime):
    return PaperStyle(regime=regime, **DEFAULTS[regime])


def style_on(regime, province_id, day):
    """The style in force on a day: the province's own, else the country's, else the default."""
    rows = PaperStyle.objects.on(day).filter(regime=regime).filter(Q(province=province_id) | Q(province=None))
    return rows.order_by(F("province").asc(nulls_last=True), "-valid_from").first() or default_style(regime)


@transaction.atomic
def add_style(style, *, actor, today):
    """Save a new dated style of a province; it ends the one before. The same style again returns the first."""
    province = Unit.objects.select_for_update(no_key=True).get(pk=style.province_id)
    if not may_keep_rules(actor, province):
        raise NotAllowed("Đồng chí không có quyền sửa thể thức văn bản của tỉnh này.")
    same = PaperStyle.objects.filter(province=province, regime=style.regime)
    previous = same.order_by("-valid_from").first()
    if previous and previous.valid_from == style.valid_from and _sizes(previous) == _sizes(style):
        return previous
    first = previous.valid_from if previous else today.replace(day=1, month=1)
    if style.valid_from < first or (previous and style.valid_from == first):
        raise DomainError(f"Thể thức mới phải áp dụng sau ngày {first:%d/%m/%Y}. Chọn ngày muộn hơn.", "valid_from")
    if previous:
        previous.valid_to = style.valid_from
        previous.save(update_fields=["valid_to"])
    style.save()
    after = {"regime": style.regime, "document": style.document, "from": str(style.valid_from)}
    record(actor.pk, "paper_style.add", style, {"previous": previous.pk} if previous else {}, after)
    return style


def _sizes(style):
    return [style.document, *(float(getattr(style, name)) for name in SIZES)]
