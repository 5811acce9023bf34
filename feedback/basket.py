"""What villages gathered for the next meeting of their commune, and the reads of it."""

from feedback.models import BasketItem


def waiting_items(meeting):
    """The items that wait for the next meeting of this meeting's unit, oldest first; none once it was held."""
    if meeting.is_held:
        return BasketItem.objects.none()
    waiting = BasketItem.objects.waiting().filter(unit_id=meeting.unit_id)
    return waiting.select_related("village").order_by("village__name", "put_in_on", "pk")
