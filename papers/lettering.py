"""Letters about opinions as papers: what they are about, whom they go to, who signs, and their number."""

from dataclasses import dataclass, replace

from django.db import transaction

from core.errors import DomainError, NotAllowed
from core.paper import Signature
from feedback.enums import Visibility
from feedback.models import BoardPoint, Opinion
from feedback.routing.reads import upper_unit
from meetings.access import BOARD_STAFF, ISSUERS
from meetings.enums import HostBody, PaperKind
from papers.frame import Signing, board_on, board_signer_of, day_within, in_sentence, letter, letterhead_on, signer_of
from papers.issuing import readable_papers
from papers.letters import (
    ROW_COLUMNS,
    LetterMatter,
    advice_lines,
    build_advice,
    build_forwarding,
    build_reminder,
    build_reply,
    build_summary,
    point_title,
    points_of,
)
from papers.register import issue_paper
from units.models import Unit
from units.reads import trail_of

MOST_ROWS, MOST_ADDRESSEES = 300, 20
HOSTS = ((HostBody.PARTY, "Cấp ủy"), (HostBody.GOV, "Ủy ban nhân dân"))


@dataclass(frozen=True)
class LetterKind:
    """`slug` in addresses; for one opinion, for several, or for both; `title` of what is no công văn."""

    kind: PaperKind
    slug: str
    build: object
    for_one: bool = True
    for_many: bool = True
    title: str = ""

    @property
    def label(self):
        return self.kind.label

    @property
    def hosts(self):
        """Who may issue it: the Ban Dân vận alone issues its own."""
        return ((HostBody.BOARD, HostBody.BOARD.label),) if self.kind == PaperKind.ADVICE else HOSTS


LETTERS = (
    LetterKind(PaperKind.FORWARDING, "chuyen-kien-nghi", build_forwarding),
    LetterKind(PaperKind.REPLY, "tra-loi", build_reply, for_many=False),
    LetterKind(PaperKind.REMINDER, "don-doc", build_reminder),
    LetterKind(PaperKind.SUMMARY, "tong-hop", build_summary, for_one=False, title="Báo cáo"),
    LetterKind(PaperKind.ADVICE, "bao-cao-ban", build_advice, for_one=False, title="Báo cáo"),
)
LETTER_BY_SLUG = {kind.slug: kind for kind in LETTERS}
RECIPIENTS = ("Như kính gửi", "Lưu Văn phòng")


@dataclass(frozen=True)
class Subject:
    """What a letter is about: one `opinion`, or the rows of a list; `unit` issues it."""

    unit: Unit
    rows: tuple
    opinion: Opinion | None = None
    restricted: int = 0
    period: str = ""


def letters_beside(opinion, user, today):
    """The letters that can be written now and those that were issued, for the page of an opinion."""
    may = letter_unit(user, opinion) is not None
    subject = Subject(None, (opinion,), opinion)
    kinds = [kind for kind in LETTERS if may and kind.for_one and not why_no_letter(kind, subject, today)]
    issued = readable_papers(user).filter(opinion_id=opinion.pk).order_by("-pk")
    return {"letter_kinds": kinds, "letters": list(issued)}


def letter_unit(user, opinion=None, issuers=ISSUERS):
    """The unit for which the user may issue letters (about the opinion), or None."""
    for grant in user.scope.grants:
        issues = grant.writes and grant.role in issuers.get(grant.level, ())
        if issues and (opinion is None or grant.covers(opinion) or opinion.holder_id in grant.unit_ids):
            return Unit.objects.get(pk=grant.unit_id)
    return None


def about_one(opinion, user):
    """A single letter, also about a restricted opinion, for those who see it."""
    unit = letter_unit(user, opinion)
    if unit is None:
        raise NotAllowed("Đồng chí không có quyền lập văn bản của đơn vị nào đang xử lý ý kiến này.")
    row = Opinion.objects.visible_to(user).filter(pk=opinion.pk).values(*ROW_COLUMNS).get()
    if answering := opinion.answering:
        row |= {"answer": answering.answer, "status": answering.status, "settled_on": answering.settled_on}
    return Subject(unit, (row,), opinion)


def about_many(opinions, user, *, kind, late_on=None, restricted=0, period=""):
    """Letters of a list: `late_on` keeps what is overdue that day; restricted opinions are counted, never shown."""
    unit = letter_unit(user, issuers=BOARD_STAFF if kind.kind == PaperKind.ADVICE else ISSUERS)
    if unit is None:
        raise NotAllowed(f"Đồng chí không có quyền ban hành {in_sentence(kind.label)} của đơn vị.")
    found = opinions.overdue(late_on) if late_on else opinions
    hidden = restricted + found.filter(visibility=Visibility.RESTRICTED).count()
    shown = found.exclude(visibility=Visibility.RESTRICTED).order_by("due_on" if late_on else "raised_on", "pk")
    rows = tuple(shown.values(*ROW_COLUMNS)[: MOST_ROWS + 1])
    return Subject(unit, rows, restricted=hidden, period=period)


def why_no_letter(kind, subject, today):
    """Why a letter cannot be made; empty when it can."""
    if not subject.rows:
        late = kind.kind == PaperKind.REMINDER
        return f"Danh sách đang chọn không có ý kiến {'quá hạn' if late else 'nào in được'}."
    if kind.kind == PaperKind.ADVICE and not board_on(subject.unit, day_within(subject.unit, today)):
        return f"Danh mục cơ quan của {subject.unit.name} chưa có Ban Dân vận nên chưa lập được báo cáo của Ban."
    if len(subject.rows) > MOST_ROWS:
        return f"Danh sách có hơn {MOST_ROWS} ý kiến. Lọc theo kỳ, đơn vị hoặc cơ quan rồi lập lại."
    if subject.opinion is None:
        return ""
    if kind.kind == PaperKind.REPLY and subject.opinion.answering is None:
        return "Ý kiến chưa có kết quả giải quyết nên chưa lập được văn bản trả lời."
    if kind.kind == PaperKind.REMINDER and not subject.opinion.is_overdue(today):
        return "Ý kiến chưa quá hạn nên chưa cần đôn đốc."
    return ""


def propose(kind, subject, host, today):
    """(what it is signed with, whom it goes to) before anybody typed."""
    signed_on = day_within(subject.unit, today)
    head = letterhead_on(subject.unit, host, signed_on)
    if kind.kind == PaperKind.ADVICE:
        signer = board_signer_of(subject.unit.pk, signed_on)
        committee = letterhead_on(subject.unit, HostBody.PARTY, signed_on).issuer_name
        to = (f"Thường trực {committee} (báo cáo)", "Các cơ quan, đơn vị đang giữ ý kiến", "Lưu Ban")
        return Signing(signed_on, *signer, to, advice=tuple(advice_lines(subject.rows, committee, subject.unit.pk))), ()
    name, title, authority = signer_of(subject.unit.pk, head, signed_on)
    recipients = ("Cấp trên trực tiếp (báo cáo)", "Lưu Văn phòng") if kind.title else RECIPIENTS
    signing = Signing(signed_on, name, title, authority, recipients)
    return signing, () if kind.title else _addressees(kind, subject, host, signed_on)


def draft_letter(kind, subject, signing, *, host, addressees, today):
    """The paper as it would be issued."""
    reason = why_no_letter(kind, subject, today)
    if reason:
        raise DomainError(reason)
    head = letterhead_on(subject.unit, host, day_within(subject.unit, signing.signed_on))
    matter = LetterMatter(
        rows=subject.rows,
        issuer=head.issuer_name,
        today=today,
        is_single=subject.opinion is not None,
        restricted=subject.restricted,
        period=subject.period,
        addressees=tuple(addressees),
        committee=letterhead_on(subject.unit, HostBody.PARTY, signing.signed_on).issuer_name if signing.advice else "",
        advice=signing.advice,
        unit_id=subject.unit.pk,
    )
    words, blocks = kind.build(matter)
    signer = Signature(signing.signer_title.upper(), signing.signer_name, signing.authority.upper())
    signatures, to = (signer,), () if kind.title else addressees
    facts = {"subject": words, "addressees": to, "blocks": blocks, "signatures": signatures}
    paper = letter(subject.unit, kind.kind, host, signing, **facts)
    return replace(paper, kind_title=kind.title, subject=words[:1].upper() + words[1:]) if kind.title else paper


@transaction.atomic
def issue_letter(kind, subject, signing, *, host, addressees, actor, today, request_id=None):
    """Number and freeze a letter; one about a single opinion stays with it."""
    paper = draft_letter(kind, subject, signing, host=host, addressees=addressees, today=today)
    opinion_id = subject.opinion.pk if subject.opinion else None
    facts = {"kind": kind.kind, "host": host, "today": today, "request_id": request_id, "opinion_id": opinion_id}
    row = issue_paper(paper, actor=actor, unit=subject.unit, **facts)
    if kind.kind == PaperKind.ADVICE and not row.points.exists():
        _follow_points(row, subject.rows)
    return row


def _follow_points(paper, rows):
    """From now each point of the report is followed until its opinions are answered."""
    groups = points_of(rows)
    points = [
        BoardPoint(paper=paper, number=number, title=point_title(group), matter_id=group[0]["matter_id"])
        for number, group in enumerate(groups, 1)
    ]
    BoardPoint.objects.bulk_create(points)
    link = BoardPoint.opinions.through
    link.objects.bulk_create(
        link(boardpoint_id=point.pk, opinion_id=row["pk"])
        for point, group in zip(points, groups, strict=True)
        for row in group
    )


def _addressees(kind, subject, host, day):
    if kind.kind == PaperKind.REMINDER:
        others = [row for row in subject.rows if row["body__name"] or row["holder_id"] != subject.unit.pk]
        names = (row["body__name"] or row["holder__name"] for row in others or subject.rows)
        return tuple(dict.fromkeys(names))[:MOST_ADDRESSEES]
    if kind.kind == PaperKind.REPLY:
        return _asked(subject, host, day)
    opinion = subject.opinion
    if opinion is not None and opinion.holder_id != subject.unit.pk:
        return (letterhead_on(opinion.holder, host, day).issuer_name,)
    if opinion is not None and opinion.body_id:
        return (opinion.body.name,)
    trail = trail_of(subject.unit, day)
    upper = upper_unit(opinion, day) if opinion else (trail[-2] if len(trail) > 1 else None)
    return (letterhead_on(upper, host, day).issuer_name,) if upper else ("Cơ quan có thẩm quyền",)


def _asked(subject, host, day):
    """The commune (when another unit writes) and the village that raised it."""
    opinion, names = subject.opinion, []
    if opinion.commune and opinion.commune_id != subject.unit.pk:
        names.append(letterhead_on(opinion.commune, host, day).issuer_name)
    if opinion.village:
        names.append(f"{opinion.village.name}, {opinion.commune.name}" if opinion.commune else opinion.village.name)
    return tuple(names) or (letterhead_on(opinion.unit, host, day).issuer_name,)
