"""Giấy mời."""

from core.display import day_text
from core.paper import Bullets, Column, Paragraph, Run, Table
from feedback.agenda import build_agenda
from feedback.papers.frame import framed
from feedback.papers.letterhead import in_sentence, letterhead_on
from feedback.papers.wording import chairs_words, ended, labelled, plain, when_words, where_words
from meetings.enums import PaperKind


def build_invitation(meeting, user, signing):
    head = letterhead_on(meeting.unit, meeting.host, signing.signed_on)
    blocks = [
        Paragraph((Run(f"{head.issuer_name} trân trọng kính mời:"),)),
        Bullets(tuple(f"{line.rstrip('.;')};" for line in signing.invited)),
        plain(ended(f"Dự {in_sentence(meeting.title)}")),
        labelled("Thời gian", ended(when_words(meeting))),
        *_places(meeting),
    ]
    if chairs_words(meeting):
        blocks.append(labelled("Chủ trì", ended(chairs_words(meeting))))
    parts = build_agenda(meeting, user)
    blocks += [labelled("Nội dung", ""), Bullets(tuple(f"{part.title};" for part in parts))]
    blocks += _asked(signing)
    return framed(
        meeting,
        PaperKind.INVITATION,
        signing,
        title="Giấy mời",
        subject=f"Dự {in_sentence(meeting.title)}",
        blocks=blocks,
        head=head,
    )


def sittings_table(meeting):
    """Where a round is held in several sittings: day, place, who comes to which."""
    rows = [
        (day_text(sitting.held_on), ", ".join(unit.name for unit in sitting.communes.all()), sitting.place)
        for sitting in meeting.sittings.prefetch_related("communes")
    ]
    columns = (Column("Ngày", 18, "center"), Column("Đơn vị dự", 42), Column("Địa điểm", 40))
    return [Table(columns, tuple(rows))] if rows else []


def _places(meeting):
    where = where_words(meeting)
    return [labelled("Địa điểm", ended(where))] if where else sittings_table(meeting)


def _asked(signing):
    blocks = []
    if signing.reply_by:
        words = "Đề nghị các đồng chí chuẩn bị ý kiến, kiến nghị của chi bộ, thôn, khu; gửi trước ngày"
        blocks.append(plain(f"{words} {day_text(signing.reply_by)} để tổng hợp."))
    return [*blocks, plain("Đề nghị các đồng chí đến dự đúng thành phần, thời gian.")]
