"""What the officer looks over before a meeting is closed: every fact, how to mend it, what is empty."""

from collections import defaultdict

from django.urls import reverse

from core.display import clock_text, day_text, group_digits
from core.periods import Period
from feedback.enums import OpinionStatus, Visibility
from feedback.topics import NOT_CHOSEN
from meetings.access import may_credit, may_decide_exemption, may_log, may_plan
from meetings.enums import CADENCE_KINDS, HEAD_WORDS, PRESENT_STATES, ChairSeat, Presence
from meetings.models import Occurrence
from meetings.reads import own_unit_ids
from meetings.services.life import CLOSED, neighbours
from meetings.timeliness import meeting_clocks
from proceedings.forms import ConcludeForm
from units.reads import names_on

TEXTS = (
    ("agenda", "Chương trình"),
    ("announcements", "Nội dung thông báo"),
    ("minutes", "Diễn biến"),
    ("conclusions", "Kết luận"),
)


def check_answers(meeting, opinions):
    """{"facts", "people", "texts", "gaps"} of a held meeting; `opinions` are its prepared rows. Two queries."""
    log = reverse("meeting_log", args=[meeting.pk])
    seats = list(meeting.attendances.filter(sitting=None))
    groups = [(count.group, count.number) for count in meeting.counts.filter(sitting=None)]
    return {
        "facts": _facts(meeting, log),
        "people": _people(seats, groups),
        "called": _called(seats),
        "people_url": f"{log}#attendance",
        "opinions_url": f"{log}#opinions",
        "texts": [
            {"label": label, "value": getattr(meeting, name), "url": f"{log}#id_{name}"} for name, label in TEXTS
        ],
        "gaps": _gaps(meeting, seats, opinions, log),
    }


def _facts(meeting, log):
    hours = [clock_text(at) for at in (meeting.started_at, meeting.ended_at) if at]
    where = [meeting.form_words, meeting.place, meeting.link]
    rows = (
        ("Tên hội nghị", meeting.title, "title"),
        ("Ngày họp", ", ".join([day_text(meeting.held_on), *([" – ".join(hours)] if hours else [])]), "held_on"),
        *([("Lý do họp muộn, họp bù", meeting.timing_reason, "timing_reason")] if meeting.timing_reason else []),
        ("Hình thức, địa điểm", ", ".join(filter(None, where)), "place"),
        ("Chủ trì", "\n".join([*meeting.chair_lines(), *meeting.missing_heads()]), "chair_party"),
        ("Thư ký", meeting.secretary, "secretary"),
    )
    return [{"label": label, "value": value, "url": f"{log}#id_{field}"} for label, value, field in rows]


def _people(seats, groups):
    """Lines of the attendance: those present only counted, those away by name."""
    called = [seat for seat in seats if not seat.is_guest]
    lines = [{"label": group, "count": number, "names": []} for group, number in groups]
    for presence in Presence:
        rows = [seat for seat in called if seat.presence == presence]
        names = [] if presence == Presence.PRESENT else [_named(seat) for seat in rows]
        if rows:
            lines.append({"label": presence.label, "count": len(rows), "names": names})
    guests = [_named(seat) for seat in seats if seat.is_guest]
    if guests:
        lines.append({"label": "Khách mời", "count": len(guests), "names": guests})
    return lines


def _called(seats):
    """'10 trên 11 người được triệu tập': guests come uncalled."""
    called = [seat for seat in seats if not seat.is_guest]
    present = sum(seat.presence in PRESENT_STATES for seat in called)
    return f"{group_digits(present)} trên {group_digits(len(called))} người được triệu tập" if called else ""


def _named(seat):
    more = seat.reason or (f"{seat.substitute} dự thay" if seat.substitute else "")
    who = f"{seat.name}, {seat.duties}" if seat.duties else seat.name
    return f"{who}: {more}" if more else who


def must_fill(meeting):
    """[(sentence, place on the log page)] of what has to be there before the record is closed: row by row."""
    nameless = meeting.attendances.filter(sitting=None, presence=Presence.SUBSTITUTED, substitute="")
    rows = [
        (f"Điểm danh: chưa ghi họ tên người dự thay đồng chí {name}.", f"substitute-{pk}")
        for pk, name in nameless.values_list("person_id", "name")
    ]
    unsorted = meeting.opinions.filter(topic__code=NOT_CHOSEN["code"]).exclude(visibility=Visibility.RESTRICTED)
    rows += [
        (f"Ý kiến {number}: chưa chọn lĩnh vực.", f"opinion-{pk}")
        for pk, number in unsorted.order_by("number", "pk").values_list("pk", "number")
    ]
    return rows


def _gaps(meeting, seats, opinions, log):
    """What is still empty, said before closing; each with the field or the row where it is mended."""
    away = [seat for seat in seats if not seat.is_guest and seat.presence not in PRESENT_STATES]
    silent = sum(seat.presence == Presence.EXCUSED and not seat.reason for seat in away)
    waiting = [row for row in opinions if row["status"] == OpinionStatus.RECORDED]
    said = {head.seat for head in meeting.heads.all()}
    checks = (
        (not meeting.attendance_count, "Chưa ghi đại biểu dự họp.", "#attendance"),
        (silent, f"{group_digits(silent)} đồng chí vắng có lý do nhưng chưa ghi lý do.", "#attendance"),
        (not meeting.chair_lines(), "Chưa ghi đồng chí chủ trì.", "#id_chair_party"),
        *(
            (seat not in said, f"Chưa ghi {HEAD_WORDS[seat]} chủ trì hay vắng.", f"#id_chair_{seat}")
            for seat in ChairSeat
        ),
        (not meeting.secretary, "Chưa ghi thư ký.", "#id_secretary"),
        (not meeting.opinion_count, "Hội nghị chưa có ý kiến nào.", "#opinions"),
        *(
            (missing, f"Ý kiến {row['number']}: chưa ghi {missing}.", f"#opinion-{row['pk']}")
            for row in opinions
            if (missing := _missing(meeting, row))
        ),
        (not meeting.minutes, "Chưa ghi diễn biến hội nghị.", "#id_minutes"),
        (not meeting.conclusions, "Chưa ghi kết luận của chủ trì.", "#id_conclusions"),
    )
    gaps = [{"text": text, "url": log + anchor} for is_gap, text, anchor in checks if is_gap]
    gaps = [{"text": text, "url": f"{log}#{place}", "is_needed": True} for text, place in must_fill(meeting)] + gaps
    if waiting:
        text = f"{group_digits(len(waiting))} ý kiến chưa giao cơ quan giải quyết."
        gaps.append({"text": text, "url": reverse("opinion_detail", args=[waiting[0]["pk"]])})
    return gaps


def _missing(meeting, row):
    """What a row of the opinions lacks, in words."""
    place = meeting.level == "commune" and not row["village__name"]
    words = [("nêu từ thôn, khu nào", place), ("người nêu", not row["raised_by_name"])]
    return ", ".join(word for word, is_missing in words if is_missing)


def dates_context(user, meeting, today, attendances, counts, refusal):
    """The clocks in words, units that met jointly, people by village, and the forms of what may be done."""
    joint = meeting.joint_occurrences.select_related("unit").order_by("unit__sort_key")
    return {
        "clocks": meeting_clocks(meeting, today),
        "joint": [row.unit.name for row in joint],
        "by_unit": people_by_unit(meeting, attendances, counts),
        "conclude": _concluding(user, meeting, refusal),
        "rebook": _rebooking(user, meeting, refusal),
        "may_join": may_join(user, meeting),
    }


def may_join(user, meeting):
    """Those who could credit another unit as well: the level above, and whoever keeps several units."""
    counts = meeting.is_held and meeting.kind in CADENCE_KINDS and may_credit(user, meeting)
    return counts and (may_decide_exemption(user, meeting) or len(own_unit_ids(user)) > 1)


def joinable(user, meeting):
    """Periods of other units that this meeting may be credited to: open on its day and not met; those it is, first."""
    joined = list(meeting.joint_occurrences.select_related("unit").order_by("unit__sort_key"))
    open_then = Occurrence.objects.visible_to(user).filter(
        level=meeting.level,
        province=meeting.province_id,
        opens_on__lte=meeting.held_on,
        starts_on__lte=meeting.period_last,
        ends_on__gte=meeting.period_first,
        begun_on=None,
    )
    rest = open_then.exclude(unit=meeting.unit_id).select_related("unit").order_by("unit__sort_key", "starts_on")
    return [row for row in (*joined, *rest) if may_credit(user, row)]


def people_by_unit(meeting, attendances, counts):
    """[(unit name, present)] where people of several units came, the meeting's own unit first; [] where of one."""
    present = defaultdict(int)
    for seat in attendances:
        if seat.presence in PRESENT_STATES and not seat.is_guest:
            present[seat.unit_id] += 1
    for count in counts:
        present[count.unit_id] += count.number
    if (len(present.keys() - {None}) < 2 and None in present) or len(present) < 2:
        return []
    names = names_on(present.keys() - {None}, meeting.held_on)
    rows = [(names.get(pk, "Không ghi theo đơn vị"), number, pk) for pk, number in present.items()]
    rows.sort(key=lambda row: (row[2] != meeting.unit_id, row[2] is None, row[0]))
    return [(name, number) for name, number, _ in rows]


def _concluding(user, meeting, refusal):
    """The form of the day the conclusion was issued; None where it may not be written."""
    if not (meeting.is_held and may_log(user, meeting)):
        return None
    day = f"{meeting.conclusion_on:%d/%m/%Y}" if meeting.conclusion_on else ""
    return _typed(refusal, "conclude", {"on": day, "base": ConcludeForm(meeting=meeting)["base"].value()})


def _rebooking(user, meeting, refusal):
    """The form of moving to a neighbouring period; None where there is none or it may not be moved."""
    if meeting.occurrence is None or meeting.status in CLOSED or not may_plan(user, meeting):
        return None
    choices = [
        {"pk": row.pk, "label": f"{Period.parse(row.period).label}{_met(row)}"}
        for row in neighbours(meeting.occurrence)
    ]
    form = _typed(refusal, "rebook", {"occurrence": "", "reason": "", "is_extra": ""})
    return form | {"choices": choices} if choices else None


def _met(occurrence):
    return f", đã họp {occurrence.met_on:%d/%m/%Y}" if occurrence.met_on else ""


def _typed(refusal, name, values):
    """What was typed into a refused form and why it was refused, else `values`."""
    if refusal and refusal["act"] == name:
        return values | {"error": refusal["error"], "is_open": True} | refusal.get("typed", {})
    return values | {"error": "", "is_open": False}
