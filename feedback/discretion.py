"""Whose name is shown to whom, and who may open a restricted opinion to others. The one place that decides."""

from feedback.access import DECIDERS, answers_for, speaks_for, works_at
from feedback.enums import OpinionStatus
from feedback.models import Opinion
from feedback.rules import sounds_like_complaint

UNNAMED = "(không nêu tên)"


def shows_speaker(user, opinion):
    """A speaker who asked not to be named above is known to the recording unit and to the commune it is about."""
    return not opinion.hides_speaker or may_hide_speaker(user, opinion)


def may_hide_speaker(user, opinion):
    return works_at(user, opinion.unit_id) or works_at(user, opinion.commune_id)


def speaker_words(user, opinion):
    """'Lê Thị Hoa, Trưởng thôn' as this user may read it."""
    if not shows_speaker(user, opinion):
        return UNNAMED
    return ", ".join(filter(None, (opinion.raised_by_name, opinion.raised_by_title)))


def mask_speakers(user, rows):
    """Take from dicts of values the names the user may not read; each needs hides_speaker, unit_id and commune_id."""
    known = {}
    for row in rows:
        if row["hides_speaker"]:
            place = row["unit_id"], row["commune_id"]
            if place not in known:
                known[place] = any(works_at(user, unit_id) for unit_id in place)
            if not known[place]:
                row |= {name: UNNAMED for name in ("raised_by_name", "raised_by_title") if name in row}
    return rows


def may_name_readers(user, opinion):
    """Those who decide at the unit that holds a restricted opinion open it to others by name."""
    return opinion.is_restricted and works_at(user, opinion.holder_id, DECIDERS)


def may_attach(user, opinion):
    """Those who recorded it, those who work on it, and the village that raised it."""
    works = any(works_at(user, unit_id) for unit_id in (opinion.unit_id, opinion.holder_id))
    return works or answers_for(user, opinion) or speaks_for(user, opinion)


def complaint_hint(meeting, user):
    """A sentence about recorded opinions that may be complaints or denunciations; empty when there are none."""
    recorded = Opinion.objects.visible_to(user).filter(meeting=meeting, status=OpinionStatus.RECORDED)
    rows = recorded.order_by("number", "pk").values_list("pk", "text")
    found = [f"YK-{pk}" for pk, text in rows if sounds_like_complaint(text)]
    if not found:
        return ""
    return (
        f"{', '.join(found[:10])} có dấu hiệu là khiếu nại, tố cáo. Nếu đúng, mở ý kiến và chọn “Hướng dẫn khiếu nại, "
        "tố cáo” để giữ kín tên người nêu và chuyển theo Luật Khiếu nại, Luật Tố cáo."
    )
