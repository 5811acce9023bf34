"""The frame every paper of a meeting stands in: letterhead, number, title, signatures, recipients."""

from core.paper import DRAFT, Paper
from feedback.papers.letterhead import letterhead_on
from feedback.papers.signing import signatures_of
from meetings.papers import paper_symbol


def framed(meeting, kind, signing, *, title, subject, blocks, head=None):
    """A draft: its number is still blank. `head` when the caller has read it already."""
    head = head or letterhead_on(meeting.unit, meeting.host, signing.signed_on)
    return Paper(
        regime=head.regime,
        superior=head.superior,
        issuer=head.issuer,
        symbol=paper_symbol(kind, meeting.host, head.letters),
        place=head.place,
        signed_on=signing.signed_on,
        kind_title=title,
        subject=subject,
        blocks=tuple(blocks),
        signatures=signatures_of(meeting, kind, signing),
        recipients=signing.recipients,
        stamp=DRAFT,
    )


def letter(unit, kind, host, signing, *, subject, addressees, blocks, signatures):
    """A công văn: no kind of paper in its title, 'V/v …' under the number, 'Kính gửi' first."""
    head = letterhead_on(unit, host, signing.signed_on)
    return Paper(
        regime=head.regime,
        superior=head.superior,
        issuer=head.issuer,
        symbol=paper_symbol(kind, host, head.letters),
        place=head.place,
        signed_on=signing.signed_on,
        subject=subject,
        addressees=tuple(addressees),
        blocks=tuple(blocks),
        signatures=tuple(signatures),
        recipients=signing.recipients,
        stamp=DRAFT,
    )
