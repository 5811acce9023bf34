"""What a paper is signed with: day, signer, recipients; and what is proposed before anybody typed."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.paper import GOV, Signature, text_lines
from feedback.papers.letterhead import day_within, letterhead_on
from meetings.enums import PaperKind
from people.enums import Position
from people.models import Post
from units.enums import Level

P = Position
TITLES = {
    "party": {
        P.PARTY_SECRETARY: "Bí thư",
        P.PARTY_STANDING_DEPUTY: "Phó Bí thư Thường trực",
        P.PARTY_DEPUTY_GOV: "Phó Bí thư",
    },
    "gov": {P.GOV_CHAIR: "Chủ tịch", P.PARTY_DEPUTY_GOV: "Chủ tịch", P.GOV_VICE: "Phó Chủ tịch"},
}
"""Who signs for a regime, most entitled first, and as what."""

CHAIRED = (PaperKind.MINUTES, PaperKind.ROLL)
"""Signed by who wrote them and by the chair, not on behalf of the body."""

WRITER = {PaperKind.MINUTES: "NGƯỜI GHI BIÊN BẢN", PaperKind.ROLL: "NGƯỜI LẬP DANH SÁCH"}
RECIPIENTS = {
    PaperKind.INVITATION: ("Như thành phần mời", "Lưu Văn phòng"),
    PaperKind.PROGRAMME: ("Đại biểu dự hội nghị", "Lưu Văn phòng"),
    PaperKind.MINUTES: ("Lưu hồ sơ hội nghị",),
    PaperKind.CONCLUSION: (
        "Cấp trên trực tiếp (báo cáo)",
        "Các cơ quan, đơn vị được giao việc",
        "Các thôn, khu",
        "Lưu Văn phòng",
    ),
}
INVITED = {
    Level.COMMUNE: (
        "Thường trực, Ban Thường vụ cấp ủy; lãnh đạo HĐND, UBND, Ủy ban MTTQ Việt Nam",
        "Trưởng các ban, ngành, đoàn thể, bộ phận chuyên môn",
        "Bí thư chi bộ, trưởng thôn (khu), trưởng ban công tác mặt trận các thôn, khu",
    ),
    Level.DISTRICT: (
        "Thường trực, Ban Thường vụ cấp ủy; lãnh đạo HĐND, UBND, Ủy ban MTTQ Việt Nam",
        "Thủ trưởng các ban, phòng, đơn vị, đoàn thể",
        "Bí thư, chủ tịch UBND các xã, phường, thị trấn",
        "Bí thư chi bộ, trưởng thôn (khu), trưởng ban công tác mặt trận các thôn, khu",
    ),
}
REPLY_DAYS = 2
_CHAIR = re.compile(r"(?:(?:đồng chí|đ/c|ông|bà)\s+)?([^,;(–-]+)", re.I)


@dataclass(frozen=True)
class Signing:
    """The typed part of a paper. `reply_by`: until when opinions are to be sent in (invitations).

    `advice`: what a report of the Ban Dân vận proposes, one line a paragraph.
    """

    signed_on: date
    signer_name: str = ""
    signer_title: str = ""
    authority: str = ""
    recipients: tuple = ()
    invited: tuple = ()
    reply_by: date | None = None
    advice: tuple = ()


def propose_signing(meeting, kind, today):
    """What the form shows first: from the chairs of the meeting and the posts of the day."""
    signed_on = day_within(meeting.unit, today)
    head = letterhead_on(meeting.unit, meeting.host, signed_on)
    if kind in CHAIRED:
        name, title, authority = first_chair(meeting), "Chủ trì", ""
    else:
        name, title, authority = signer_of(meeting.unit_id, head, signed_on, meeting.chairs)
        name = name or first_chair(meeting)
    return Signing(
        signed_on=signed_on,
        signer_name=name,
        signer_title=title,
        authority=authority,
        recipients=RECIPIENTS.get(kind, ()),
        invited=INVITED.get(meeting.level, ()) if kind == PaperKind.INVITATION else (),
        reply_by=_reply_by(meeting, signed_on) if kind == PaperKind.INVITATION else None,
    )


def signatures_of(meeting, kind, signing):
    """Left to right: who wrote it (minutes, roll), and who signs."""
    signer = Signature(signing.signer_title.upper(), signing.signer_name, signing.authority.upper())
    if kind not in CHAIRED:
        return (signer,)
    return Signature(WRITER[kind], meeting.secretary), signer


def first_chair(meeting):
    """The name in the first line of the chairs: 'Đồng chí Nguyễn Văn An, Bí thư' -> 'Nguyễn Văn An'."""
    lines = text_lines(meeting.chairs)
    match = _CHAIR.match(lines[0]) if lines else None
    return match.group(1).strip()[:120] if match else ""


def signer_of(unit_id, head, day, chairs=""):
    """(name, title, authority): the chair who may sign for the body, else the most entitled post of the day."""
    titles = TITLES[head.regime]
    order = list(titles)
    posts = Post.objects.on(day).filter(unit_id=unit_id, position__in=order).select_related("person")
    posts = sorted(posts, key=lambda post: (order.index(post.position), -post.pk))
    chairing = [post for post in posts if post.person.name.casefold() in chairs.casefold()]
    post = next(iter([*chairing, *posts]), None)
    if post is None:
        return "", "Chủ tịch" if head.regime == GOV else "Bí thư", head.authority
    deputy = head.regime == GOV and post.position == P.GOV_VICE
    return post.person.name, titles[post.position], "KT. CHỦ TỊCH" if deputy else head.authority


def board_signer_of(unit_id, day):
    """(name, title, authority) of who signs a paper of the Ban Dân vận."""
    post = Post.objects.on(day).filter(unit_id=unit_id, position=P.MMD_HEAD).select_related("person")
    post = post.order_by("-valid_from", "-pk").first()
    return (post.person.name if post else ""), "Trưởng ban", ""


def _reply_by(meeting, signed_on):
    """Two days before the meeting; nothing when that is past."""
    day = (meeting.held_on or meeting.planned_on) - timedelta(days=REPLY_DAYS) if _day(meeting) else None
    return day if day and day > signed_on else None


def _day(meeting):
    return meeting.held_on or meeting.planned_on
