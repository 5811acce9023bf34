"""The register of issued documents: numbers, frozen content, recall. It knows papers, not what they say."""

from django.db import IntegrityError, transaction
from django.db.models import Max

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.paper import BLANK, RECALLED, from_json, to_json
from meetings.access import may_issue
from meetings.enums import PAPER_SYMBOLS, HostBody, PaperKind
from meetings.models import IssuedPaper
from units.models import Unit
from units.selectors import place_on

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
