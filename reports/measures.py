"""Every word of `figures` with its label, unit and definition: on pages, in JSON, beside what was claimed."""

from dataclasses import dataclass

from units.enums import Level


@dataclass(frozen=True)
class Measure:
    """`word` of `figures`; `level` whose business it counts, nothing for opinions and members."""

    word: str
    label: str
    unit: str
    definition: str
    level: str = ""


NAMES = {Level.COMMUNE: "cấp xã", Level.DISTRICT: "cấp huyện", Level.PROVINCE: "cấp tỉnh"}
DUE = "Chỉ tính các kỳ phải tổ chức: đã qua hạn, không kể kỳ được miễn."
MEETINGS = (
    ("meetings", "Hội nghị giao ban {}", "hội nghị", "Hội nghị đã họp, mọi loại, tính vào kỳ mà hội nghị họp cho."),
    ("sittings", "Cuộc họp của hội nghị {}", "cuộc", "Một hội nghị họp theo cụm hoặc từng xã gồm nhiều cuộc."),
    ("thematic", "Hội nghị chuyên đề {}", "hội nghị", "Hội nghị đã họp thuộc loại chuyên đề."),
    ("extra", "Hội nghị {} họp thêm ngoài kỳ", "hội nghị", "Hội nghị đã họp ngoài hội nghị làm cho một kỳ đạt."),
    (
        "attendance",
        "Lượt đại biểu dự hội nghị {}",
        "lượt",
        "Số người có mặt (kể cả người dự thay, khách mời), mỗi người một lượt ở mỗi cuộc họp.",
    ),
    (
        "opinions",
        "Ý kiến, kiến nghị nêu tại hội nghị {}",
        "ý kiến",
        "Mọi ý kiến ghi tại các hội nghị đó, ở mọi tình trạng, kể cả ý kiến hạn chế xem.",
    ),
)
ROUNDS = (
    ("expected", "Kỳ giao ban {} phải tổ chức", "kỳ", "Kỳ theo chế độ giao ban đã qua hạn, không kể kỳ được miễn."),
    ("exempt", "Kỳ giao ban {} được miễn", "kỳ", "Kỳ đã qua hạn được cấp trên cho miễn."),
    ("exempt_late", "Kỳ giao ban {} miễn sau kỳ", "kỳ", "Kỳ được miễn (nằm trong số đó) khi đã hết hạn họp muộn."),
    (
        "occurrences_held",
        "Kỳ giao ban {} đạt",
        "kỳ",
        f"Kỳ đã họp đủ các đơn vị cấp dưới, tính theo ngày họp đủ. {DUE}",
    ),
    ("on_time", "Kỳ giao ban {} đúng hạn", "kỳ", f"Kỳ họp trong hạn, từ 5 ngày trước khi bắt đầu kỳ. {DUE}"),
    ("late", "Kỳ giao ban {} muộn", "kỳ", f"Kỳ họp sau hạn, trong số ngày được phép muộn. {DUE}"),
    ("made_up", "Kỳ giao ban {} họp bù", "kỳ", f"Kỳ họp sau cả số ngày được phép muộn. {DUE}"),
    ("missing", "Kỳ giao ban {} còn thiếu", "kỳ", f"Kỳ chưa họp, hoặc đến hạn mà chưa họp đủ. {DUE}"),
    (
        "incomplete",
        "Kỳ giao ban {} kết thúc khi chưa họp đủ",
        "kỳ",
        f"Kỳ được cấp trên đồng ý kết thúc khi còn đơn vị chưa họp; không tính là đạt. {DUE}",
    ),
)
OPINIONS = (
    (
        "received",
        "Ý kiến, kiến nghị tiếp nhận",
        "Ý kiến về địa bàn nêu ở hội nghị các cấp và khi đi cơ sở, ở mọi tình trạng, kể cả ý kiến hạn chế xem.",
    ),
    ("settled", "Ý kiến đã giải quyết", "Đã giải quyết xong hoặc đã trả lời tại hội nghị."),
    ("explained", "Ý kiến đã giải trình", "Đã giải trình, đã tiếp thu, hoặc trả lời là không có cơ sở giải quyết."),
    ("in_progress", "Ý kiến đang giải quyết", "Đã giao, đang làm, có lộ trình, hoặc đang ở cấp, cơ quan khác."),
    ("unassigned", "Ý kiến chưa giải quyết", "Đã ghi nhận, chưa giao cơ quan nào."),
    ("excluded", "Ý kiến không tính", "Trùng, đã rút, hoặc hướng dẫn theo pháp luật khiếu nại, tố cáo."),
    ("overdue", "Ý kiến quá hạn", "Đang hoặc chưa giải quyết mà hạn đã qua; nằm trong hai số đó."),
    (
        "on_time",
        "Ý kiến trả lời đúng hạn đầu tiên",
        "Đã giải quyết hoặc giải trình không sau hạn đầu tiên; hiến kế, cách làm hay không có hạn giải quyết.",
    ),
    (
        "on_time_extended",
        "Ý kiến trả lời đúng hạn đã gia hạn",
        "Đã giải quyết hoặc giải trình không sau hạn cuối cùng được đồng ý; gồm cả số đúng hạn đầu tiên.",
    ),
    (
        "was_late",
        "Ý kiến từng quá hạn",
        "Có một hạn đã hứa qua đi mà chưa có trả lời, kể cả nay đã trả lời, đã gia hạn hoặc chuyển cấp.",
    ),
    ("confirmed", "Ý kiến được người nêu xác nhận", "Đã giải quyết hoặc giải trình, người nêu trả lời là hài lòng."),
)
VISITS = (
    ("visits", "Lượt đi cơ sở của cán bộ {}", "Lượt đi đã ghi (không kể lượt đã rút) và số lượt đã tổng hợp."),
    (
        "visits_expected",
        "Lượt đi cơ sở của cán bộ {} theo quy định",
        "Số lượt mà định mức yêu cầu ở các tháng, quý đã hết, không kể lượt được miễn.",
    ),
)
MEMBERS = (
    ("visits_members_due", "Thành viên phải dự sinh hoạt", "Hội viên, đoàn viên phải dự các buổi có cán bộ về dự."),
    ("visits_members_present", "Thành viên có mặt", "Hội viên, đoàn viên có mặt tại các buổi có cán bộ về dự."),
)
REGISTERS = (
    ("training_courses", "Lớp tập huấn, bồi dưỡng", "lớp", "Lớp kết thúc trong kỳ, của đơn vị mở lớp."),
    ("training_turns", "Lượt tập huấn, bồi dưỡng", "lượt", "Một người dự một lớp là một lượt; cộng số lượt tổng hợp."),
    ("training_persons", "Người được tập huấn", "người", "Số người khác nhau có tên trong danh sách lớp."),
    ("commendations", "Lượt khen thưởng", "lượt", "Khen trong kỳ, tính cho nơi có người hoặc thôn, khu được khen."),
)


def _all():
    for level in (Level.COMMUNE, Level.DISTRICT):
        for word, label, unit, definition in (*MEETINGS, *ROUNDS):
            yield Measure(f"{level.value}_{word}", label.format(NAMES[level]), unit, definition, level.value)
    for word, label, definition in OPINIONS:
        yield Measure(f"opinions_{word}", label, "ý kiến", definition)
    for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
        for word, label, definition in VISITS:
            yield Measure(f"{level.value}_{word}", label.format(NAMES[level]), "lượt", definition, level.value)
    for word, label, definition in MEMBERS:
        yield Measure(word, label, "người", definition)
    for word, label, unit, definition in REGISTERS:
        yield Measure(word, label, unit, definition)


ANSWERED = "opinions_answered"
SUMS = {ANSWERED: ("opinions_settled", "opinions_explained")}
"""Words of our own that add up words of `figures`."""

MEASURES = {measure.word: measure for measure in _all()}
CLAIMABLE = MEASURES | {
    ANSWERED: Measure(ANSWERED, "Ý kiến đã trả lời", "ý kiến", "Ý kiến đã giải quyết và ý kiến đã giải trình.")
}
"""What a claim may be about."""


def value_of(found, word):
    """The number of a word in figures."""
    return sum(found[part] for part in SUMS.get(word, (word,)))


def definition_of(word):
    """'Hội nghị giao ban cấp xã: …' for a tooltip; nothing for a word that is none of ours."""
    measure = MEASURES.get(word)
    return f"{measure.label}: {measure.definition}" if measure else ""
