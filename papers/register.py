"""The register of issued documents: numbers, frozen content, recall. It knows papers, not what they say."""

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.paper import BLANK, GOV, PARTY, RECALLED, from_json, to_json
from meetings.access import may_issue, may_keep_rules
from meetings.enums import PAPER_SYMBOLS, HostBody, PaperKind
from meetings.models import IssuedPaper, PaperStyle
from units.models import Unit
from units.reads import place_on

TRIES = 5


def register_host(host):
    """Whose register a paper is in: a joint meeting's papers are the party committee's."""
    return HostBody.PARTY if host == HostBody.JOINT else HostBody(host)


def paper_symbol(kind, host, letters, number=BLANK):
    """'12-TB/ĐU' of the Party and its boards, '12/TB-UBND' and (a letter) '12/UBND' of the government."""
    code = PAPER_SYMBOLS[PaperKind(kind)]
    if register_host(host) != HostBody.GOV:
        return f"{number}-{code}/{letters}"
    return f"{number}/{letters}" if code == "CV" else f"{number}/{code}-{letters}"


@transaction.atomic
def issue_paper(paper, *, actor, unit, kind, host, today, request_id=None, meeting=None, opinion_id=None):
    """Give a draft its number in the unit's register and freeze it.

    The next number is taken under the unit's lock, and the unique number keeps two apart if the lock should fail. A
    replayed `request_id` returns the first paper. Kinds that share their letters (all công văn) share one series.
    """
    place = place_on(unit, paper.signed_on)
    row = IssuedPaper(
        unit=unit, level=unit.level, **place.columns, kind=kind, host=register_host(host), year=paper.signed_on.year,
        meeting=meeting, opinion_id=opinion_id, request_id=request_id, subject=paper.subject[:300],
        signed_on=paper.signed_on, issued_by_id=actor.pk,
    )  # fmt: skip
    if not may_issue(actor, row):
        raise NotAllowed("Đồng chí không có quyền ban hành văn bản của đơn vị này.")
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    known = _known(request_id)
    if known:
        return known
    if paper.signed_on > today:
        raise DomainError("Ngày ký không được sau hôm nay. Chọn ngày ký đến hôm nay.", "signed_on")
    if paper.signatures:
        signer = paper.signatures[-1]
        row.signer_name, row.signer_title = signer.name[:120], signer.title.replace("\n", " ")[:200]
    row = _numbered(row, paper)
    record(actor.pk, "paper.issue", row, after={"symbol": row.symbol, "kind": row.kind})
    return row


def _numbered(row, paper):
    for _ in range(TRIES):
        row.number = _next_number(row)
        final = paper.numbered(row.number)
        row.symbol, row.content = final.symbol, to_json(final)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            row.pk = None
        else:
            return row
    raise Conflict("Sổ văn bản đang có người khác lấy số. Bấm Ban hành lần nữa.")


def _next_number(row):
    kinds = [kind for kind, code in PAPER_SYMBOLS.items() if code == PAPER_SYMBOLS[row.kind]]
    series = IssuedPaper.objects.filter(unit_id=row.unit_id, host=row.host, year=row.year, kind__in=kinds)
    return (series.aggregate(last=Max("number"))["last"] or 0) + 1


def _known(request_id):
    return IssuedPaper.objects.filter(request_id=request_id).first() if request_id else None


@transaction.atomic
def cancel_paper(paper_id, *, actor, reason, today):
    """Recall a paper, with the reason. It stays in the register and keeps its number."""
    row = IssuedPaper.objects.select_for_update(of=("self",)).get(pk=paper_id)
    if not may_issue(actor, row):
        raise NotAllowed("Đồng chí không có quyền thu hồi văn bản của đơn vị này.")
    reason = reason.strip()[:300]
    if not reason:
        raise DomainError("Nhập lý do thu hồi văn bản.", "reason")
    if row.cancelled_on:
        raise Conflict("Văn bản này đã được thu hồi trước đó.")
    row.cancelled_on, row.cancel_reason = today, reason
    row.save(update_fields=["cancelled_on", "cancel_reason"])
    record(actor.pk, "paper.recall", row, after={"symbol": row.symbol, "reason": reason})
    return row


def paper_of(row):
    """The paper as it was issued; a recalled one says so."""
    content = row.content | ({"stamp": RECALLED} if row.cancelled_on else {})
    return from_json(content)


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
