"""The queue of opinions as one object: the same filters decide the list, its total, the print, and previous/next."""

from django.db.models import Q

from core.paging import AFTER, BEFORE, keyset_page
from feedback.access import units_to_assign
from feedback.desk.filters import OVERDUE, SOON, OpinionFilter
from feedback.enums import OpinionStatus
from feedback.matching.reads import answers_before
from feedback.models import Opinion
from feedback.reads import COLUMNS, opinion_rows
from feedback.routing.reads import ruled_bodies

NEXT, OPENED = "sau", "viec"
"""In the address of one opinion: the one that came next before an act, the act to show open."""

OF_PLACE = (AFTER, BEFORE, NEXT, OPENED)
BY_DUE = ("due_on", "pk")
BY_DAY = ("-raised_on", "-pk")
TABS = [
    ("Chưa xong", {}),
    ("Quá hạn", {"han": OVERDUE}),
    ("Sắp đến hạn", {"han": SOON}),
    ("Chưa giao", {"trang-thai": "recorded"}),
    ("Đơn vị tôi đang giữ", {"giu": "on"}),
    ("Trình cấp trên xem xét", {"nhan": "trinh-cap-tren"}),
    ("Đã giải quyết", {"trang-thai": "g-settled"}),
    ("Tất cả", {"trang-thai": "all"}),
]
HELPING = [("Cần phối hợp", {"phoi-hop": "on"})]
"""For those who answer for a body."""

AGENDA = {
    "late": "Quá hạn",
    OpinionStatus.RECORDED: "Chưa giao cơ quan giải quyết",
    OpinionStatus.ASSIGNED: "Đang giải quyết, trong hạn",
    OpinionStatus.IN_PROGRESS: "Đang giải quyết, trong hạn",
    OpinionStatus.ESCALATED: "Đã chuyển, chờ tiếp nhận",
    OpinionStatus.TRANSFERRED: "Đã chuyển, chờ tiếp nhận",
    OpinionStatus.SCHEDULED: "Đã có lộ trình, kế hoạch",
}
"""Under which heading of the agenda an unresolved opinion stands, in this order."""

PRINTED = 1000
"""How many rows a printed list holds at most; it says so when there are more."""


def act_url(opinion, verb):
    """The page of an opinion at the very form of an act."""
    return f"{opinion.get_absolute_url()}?{OPENED}={verb.value}#viec-{verb.value}"


class Desk:
    """`query` is the request's GET. Wrong filters select nothing; the form says what is wrong."""

    def __init__(self, query, user, today):
        self.query, self.user, self.today = query, user, today
        self.form = OpinionFilter(query, user=user, today=today)
        self.is_valid = self.form.is_valid()

    @property
    def rows(self):
        return self._selected(Opinion.objects.visible_to(self.user))

    def _selected(self, opinions):
        return self.form.apply(opinions) if self.is_valid else opinions.none()

    @property
    def keys(self):
        return BY_DUE if self.is_valid and self.form.is_unresolved else BY_DAY

    def hidden_count(self):
        """Restricted opinions that match and that the user may not read."""
        if not self.is_valid or not self.form.counts_hidden:
            return 0
        return self._selected(Opinion.objects.hidden_from(self.user)).count()

    def page(self):
        """(core.paging.Page, prepared rows)."""
        paged = keyset_page(self.rows.values(*COLUMNS), self.keys, self.query)
        own = units_to_assign(self.user)
        earlier = answers_before((row["settled_before_id"] for row in paged.rows), self.user)
        waiting = (r for r in paged.rows if r["status"] == OpinionStatus.RECORDED and r["holder_id"] in own)
        more = {"own_units": own, "earlier": earlier, "usual": ruled_bodies(waiting)}
        return paged, list(opinion_rows(paged.rows, self.today, self.kept, **more))

    def printed(self):
        found = self.rows.order_by(*self.keys).values(*COLUMNS)[:PRINTED]
        return list(opinion_rows(found, self.today, limit=None))

    def agenda(self):
        """([(heading, prepared rows)], is it cut): what is not settled, as a meeting would take it up."""
        found = self.rows.unresolved().order_by(*BY_DUE).values(*COLUMNS)[: PRINTED + 1]
        groups = {heading: [] for heading in AGENDA.values()}
        rows = list(opinion_rows(found, self.today, limit=None))
        for row in rows[:PRINTED]:
            groups[AGENDA["late" if row["due_tone"] == "late" else row["status"]]].append(row)
        return [(heading, rows) for heading, rows in groups.items() if rows], len(rows) > PRINTED

    @property
    def kept(self):
        """The filters as the tail of an address, without the place in the list."""
        kept = self.query.copy()
        for name in OF_PLACE:
            kept.pop(name, None)
        return f"?{kept.urlencode()}" if kept else ""

    def tabs(self):
        """The subsets most asked for; the one in force is marked when no other filter is set."""
        current = {name: value for name, value in self.query.items() if value and name not in OF_PLACE}
        return [
            {"label": label, "url": "?" + "&".join(f"{k}={v}" for k, v in words.items()), "active": words == current}
            for label, words in (*TABS, *(HELPING if self.user.scope.body_ids() else ()))
        ]

    def neighbours(self, opinion):
        """(previous id, next id) around an opinion in the queue, whether it is still part of it or not.

        After an act has moved the opinion or taken it out, the address says which one came next before.
        """
        word = self.query.get(NEXT, "")
        named = int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None
        after = self.rows.filter(pk=named).values_list("pk", flat=True).first() if named else None
        return self._nearest(opinion, back=True), after or self._nearest(opinion, back=False)

    def next_of(self, opinion):
        return self._nearest(opinion, back=False) if self.is_valid else None

    def _nearest(self, opinion, back):
        first, falling = self.keys[0].lstrip("-"), self.keys[0].startswith("-")
        step = "lt" if falling != back else "gt"
        value = getattr(opinion, first)
        beyond = Q(**{f"{first}__{step}": value}) | Q(**{first: value, f"pk__{step}": opinion.pk})
        sign = "-" if step == "lt" else ""
        return self.rows.filter(beyond).order_by(f"{sign}{first}", f"{sign}pk").values_list("pk", flat=True).first()
