"""The sentences of the daily digest."""

from django.urls import reverse

from meetings.enums import ReminderStage
from meetings.rounds import begun_count
from meetings.selectors import in_sentence

SHORT = 90


def own_line(matters):
    """[(sentence, address)] for those who keep the unit's meetings; several overdue periods are one sentence."""
    late = [matter for matter in matters if matter.stage == ReminderStage.GRACE]
    lines = [(_own_words(matter), matter.url) for matter in matters if matter.stage != ReminderStage.GRACE]
    if len(late) == 1:
        lines.append((_own_words(late[0]), late[0].url))
    elif late:
        lines.append((f"{late[0].row.unit__name} còn {_many(late)}.", f"{reverse('meeting_list')}?muc=thieu"))
    return lines


def _own_words(matter):
    row, what = matter.row, f"hội nghị giao ban {in_sentence(matter.row.period)}"
    if row.begun_on:
        day = f"{row.due_on:%d/%m/%Y}"
        words = f"đã quá hạn {what}" if matter.stage == ReminderStage.GRACE else f"{what} hạn họp {day}"
        return f"{row.unit__name}: {words}, mới họp {begun_count(row)}. Họp tiếp các đơn vị còn lại."
    if matter.stage == ReminderStage.GRACE:
        return f"{row.unit__name} đã quá hạn {what}. Ghi hội nghị, hoặc xin miễn nếu có lý do."
    if matter.planned_on:
        day = f"{matter.planned_on:%d/%m/%Y}"
        return {
            ReminderStage.WEEK: f"{row.unit__name}: {what} đã lên lịch ngày {day}.",
            ReminderStage.EVE: f"{row.unit__name}: {what} sắp họp, ngày {day}.",
            ReminderStage.AFTER: f"{row.unit__name}: đã qua ngày dự kiến {day} của {what}. Ghi hội nghị nếu đã họp.",
        }[matter.stage]
    day = f"{row.due_on:%d/%m/%Y}"
    return {
        ReminderStage.WEEK: f"{row.unit__name}: {what} hạn họp {day}, chưa lên lịch.",
        ReminderStage.EVE: f"{row.unit__name}: {what} đến hạn họp {day}, chưa lên lịch.",
        ReminderStage.AFTER: f"{row.unit__name}: {what} đã qua hạn họp {day}; "
        f"họp đến {row.late_until:%d/%m/%Y} tính là họp muộn.",
    }[matter.stage]


def above_line(matters):
    """[(sentence, address)]: one line a unit, for those who watch over it; nothing when nothing is late."""
    if not matters:
        return []
    name = matters[0].row.unit__name
    if len(matters) > 1:
        return [(f"{name}: {_many(matters)}.", f"{reverse('meeting_list')}?muc=thieu")]
    matter = matters[0]
    what, words = f"hội nghị giao ban {in_sentence(matter.row.period)}", "đã qua hạn họp"
    if matter.stage == ReminderStage.GRACE:
        words = "đã quá hạn"
    elif matter.planned_on:
        return [(f"{name}: {what} dự kiến ngày {matter.planned_on:%d/%m/%Y}, chưa ghi kết quả.", matter.url)]
    how = f"mới họp {begun_count(matter.row)}" if matter.row.begun_on else "chưa họp"
    return [(f"{name}: {what} {words}, {how}.", matter.url)]


def _many(matters):
    first, last = (in_sentence(matter.row.period) for matter in (matters[0], matters[-1]))
    return f"{len(matters)} kỳ giao ban quá hạn chưa họp, từ {first} đến {last}"


def tasking_line(row, stage):
    """(sentence, address) of a line of a conclusion."""
    text = row.text if len(row.text) <= SHORT else f"{row.text[:SHORT].rstrip()}…"
    words = "đã qua hạn" if stage == ReminderStage.AFTER else "đến hạn"
    return f"Việc giao {words} {row.due_on:%d/%m/%Y}: {' '.join(text.split())}", _tasking_url(row)


def _tasking_url(row):
    return reverse("tasking_detail", args=[row.pk])


def summary(own, above):
    """The one sentence over the lines of a digest."""
    parts = [f"{own} việc của đơn vị đồng chí" if own else "", f"{above} đơn vị cấp dưới chưa họp" if above else ""]
    return f"Nhắc việc giao ban: {', '.join(filter(None, parts))}."
