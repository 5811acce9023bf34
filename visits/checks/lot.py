"""Drawing lots that anybody can repeat with a pencil and a checksum tool: no random generator, only SHA-256.

Everybody's lot is the SHA-256 of "<seed>:can-bo:<id>" (of a visit: "<seed>:luot-di:<id>") in hexadecimal; lots are put
in rising order, each checks the next one, the last one checks the first.
"""

from hashlib import sha256

from core.errors import DomainError


def lot_of(seed, word, pk):
    return sha256(f"{seed}:{word}:{pk}".encode()).hexdigest()


def draw_pairs(candidates, seed):
    """[(checker, checked)]: everybody once on each side, nobody with themselves."""
    ring = sorted(set(candidates), key=lambda pk: lot_of(seed, "can-bo", pk))
    if len(ring) < 2:
        raise DomainError(
            "Cần ít nhất hai cán bộ có lượt đi trong quý mới bốc thăm kiểm tra chéo được. Chọn quý khác.", "period"
        )
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def draw_sample(visits, seed, size):
    """`size` visits of one person's, or all when there are fewer."""
    return sorted(set(visits), key=lambda pk: lot_of(seed, "luot-di", pk))[:size]
