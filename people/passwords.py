"""One-time passwords that can be read out over the telephone."""

import secrets

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


def one_time_password():
    """Like `hmkt-39-wqbz-74`: about 48 bits, no letter that looks like a digit."""
    return "-".join((_some(_LETTERS, 4), _some(_DIGITS, 2), _some(_LETTERS, 4), _some(_DIGITS, 2)))


def _some(signs, count):
    return "".join(secrets.choice(signs) for _ in range(count))
