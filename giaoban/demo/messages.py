"""The papers of a sample meeting: agenda, announcements, minutes, conclusions."""

from giaoban.demo.bodies import committee_of, unit_word
from giaoban.demo.material import word_list
from giaoban.demo.places import government_of, upper_first

TOPIC_WORDS = {
    "LAND": "đất đai", "CLEARANCE": "giải phóng mặt bằng", "TRANSPORT": "giao thông", "IRRIGATION": "thủy lợi",
    "POWER": "điện, chiếu sáng", "WATER": "nước sạch", "CONSTRUCTION": "xây dựng, quy hoạch", "AGRI": "nông nghiệp",
    "NRD": "nông thôn mới, đô thị văn minh", "BUDGET": "thu, chi và các quỹ", "ENV": "môi trường",
    "MINING": "khoáng sản, bụi mỏ", "SOCIAL_POLICY": "chính sách xã hội", "HEALTH": "y tế", "EDU": "giáo dục",
    "CULTURE": "văn hóa", "ETHNIC_RELIGION": "dân tộc, tôn giáo", "TELECOM_DX": "viễn thông, chuyển đổi số",
    "SECURITY": "an ninh trật tự", "DEFENCE": "quốc phòng", "PARTY": "xây dựng Đảng",
    "CADRE": "chế độ cán bộ thôn, khu", "ADMIN": "thủ tục hành chính", "DEMOCRACY": "dân chủ cơ sở",
    "MASS_ORG": "Mặt trận, đoàn thể", "REARRANGEMENT": "sắp xếp đơn vị", "OTHER": "dân sinh",
}  # fmt: skip


def meeting_title(period_label, theme=""):
    """'Hội nghị giao ban Tháng 3/2016', or the thematic title."""
    if theme:
        return f"Hội nghị giao ban chuyên đề “{theme}”"
    return f"Hội nghị giao ban {period_label[:1].lower()}{period_label[1:]}"


def agenda(unit_name, period_label, theme=""):
    """A numbered agenda, one item a line."""
    items = [item.format(**_where(unit_name, period_label)) for item in word_list("messages")["agenda"]]
    if theme:
        items[1] = word_list("messages")["themed_agenda"].format(theme=theme)
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def announcements(rng, unit_name, period_label, month):
    """What the meeting is told about the place: an opening, three or four facts, what the season asks for."""
    words = word_list("messages")
    facts = {
        "percent": rng.randint(42, 106),
        "percent2": rng.randint(91, 99),
        "n": rng.choice((250, 350, 420, 600, 850)),
        "n2": rng.randint(4, 38),
        "n3": rng.randint(2, 9),
    }
    rows = [rng.choice(words["announcement_openings"]).format(**_where(unit_name, period_label))]
    rows += [line.format(**facts) for line in rng.sample(words["announcements"], rng.randint(3, 4))]
    return "\n".join([*rows, words["months"][str(month)]])


def conclusions(rng, opinion_count, topic):
    """What the chair concluded: an opening and three or four numbered points."""
    words = word_list("messages")
    points = words["conclusions"][:1] + rng.sample(words["conclusions"][1:], rng.randint(2, 3))
    topic = TOPIC_WORDS[topic]
    lines = [f"{i}. {point.format(count=opinion_count, topic=topic)}" for i, point in enumerate(points, 1)]
    return "\n".join([rng.choice(words["conclusion_opening"]), *lines])


def minutes(rng, opinion_count, topic):
    """Two or three sentences on how it went; fewer speakers than opinions."""
    speakers = max(1, opinion_count - rng.randint(0, max(0, opinion_count // 3)))
    lines = rng.sample(word_list("messages")["minutes"], rng.randint(2, 3))
    return "\n".join(line.format(speakers=speakers, topic=TOPIC_WORDS[topic]) for line in lines)


def meeting_place(rng, level, unit_name, form="hall"):
    """Where a meeting was held; for a sitting pass level "sitting" and the commune's name."""
    places = word_list("messages")["places"][f"{level}_online" if form == "online" else level]
    return rng.choice(places).format(
        gov=government_of(unit_name),
        kind=unit_word(unit_name),
        committee=committee_of(unit_name),
        commune=f"{unit_name[:1].lower()}{unit_name[1:]}",
    )


def absence_reason(rng):
    return rng.choice(word_list("messages")["absence_reasons"])


def _where(unit_name, period_label):
    period = f"{period_label[:1].lower()}{period_label[1:]}"
    return {"where": f"{unit_name[:1].lower()}{unit_name[1:]}", "period": period, "Period": upper_first(period)}
