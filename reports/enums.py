"""Code lists of the reports: the life of a closed period, and how a claim speaks of a number."""

from django.db import models


class ClosureState(models.TextChoices):
    """A month is closed by its commune and accepted above; a year is frozen by the province."""

    CLOSED = "closed", "Đã khóa số liệu"
    ACCEPTED = "accepted", "Cấp trên đã nhận"
    FROZEN = "frozen", "Đã chốt năm"
    REOPENED = "reopened", "Đã mở lại"


LIVE_CLOSURES = (ClosureState.CLOSED, ClosureState.ACCEPTED, ClosureState.FROZEN)
"""States in which a period counts as closed."""


class Comparison(models.TextChoices):
    """How the words of a claim stand to its number."""

    EXACTLY = "exactly", "đúng bằng"
    OVER = "over", "hơn, trên"
    AT_LEAST = "at_least", "ít nhất"
    NEARLY = "nearly", "gần"
    ABOUT = "about", "khoảng"
