"""Biểu 1 to 10 again, slowly: plain Python over raw rows, sharing nothing with the product but the models.

A table is {section: {row: {column: number}}} of the numbers that are not 0; a row is a unit's id, a topic's, a code.
"""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction

from reports.tests.book import Book
from reports.tests.recount import (
    EXCLUDED,
    EXPLAINED,
    SETTLED,
    belongs,
    competences_of,
    delegates_of,
    kinds_of,
    recount,
)

FORM_LABELS = {
    "hall": "Tập trung tại hội trường",
    "per_commune": "Theo từng đơn vị cấp xã",
    "cluster": "Theo cụm",
    "online": "Trực tuyến",
    "hybrid": "Kết hợp",
}
LEVELS = ("commune", "district")
YEAR_WORDS = (
    "expected occurrences_held rate meetings attendance mean opinions",
    "opinions_received opinions_settled opinions_explained opinions_in_progress opinions_unassigned opinions_excluded "
    "opinions_overdue opinions_on_time opinions_on_time_extended opinions_was_late settled_rate",
)


def share(part, whole, digits, scale=100):
    """Rounded half up, as text; None without a whole."""
    if not whole:
        return None
    scaled = Fraction(part * scale, whole) * 10**digits
    rounded = int(scaled + Fraction(1, 2)) if scaled >= 0 else -int(-scaled + Fraction(1, 2))
    return Fraction(rounded, 10**digits)


class Tables(Book):
    def b1(self, unit, period, boundaries):
        facts, tables = self.facts(unit, period, boundaries), {}
        for level in LEVELS if unit.level != "commune" and period.kind != "month" else LEVELS[:1]:
            parts = [
                self.by_row((f for f in kind if f.level == level), unit, boundaries, level == unit.level == "district")
                for kind in facts
            ]
            if level == unit.level == "district":
                parts = [{unit.pk: [f for rows in part.values() for f in rows]} for part in parts]
            rows = {pk: self._summary(*(part.get(pk, []) for part in parts)) for pk in set().union(*parts)}
            whole = self._summary(*([f for rows in part.values() for f in rows] for part in parts))
            tables[level] = {**rows, "total": whole} if any(any(row.values()) for row in rows.values()) else {}
        return tables

    def _summary(self, meetings, rounds, opinions):
        expected, forms = [o for o in rounds if not o.is_exempt], Counter(m.form for m in meetings)
        held, turns = len([o for o in expected if o.met_on]), sum(m.attendance_count for m in meetings)
        states = self.states(opinions)
        return {
            **states,
            "expected": len(expected),
            "held": held,
            "incomplete": len([o for o in expected if o.is_incomplete]),
            "exempt_late": len([o for o in rounds if o.is_exempt and o.is_exempt_late]),
            "rate": share(held, len(expected), 2),
            "meetings": len(meetings),
            "hall": forms["hall"],
            "cluster": forms["cluster"],
            "per_commune": forms["per_commune"],
            "online": forms["online"] + forms["hybrid"],
            "thematic": len([m for m in meetings if m.kind == "thematic"]),
            "attendance": turns,
            "mean_attendance": share(turns, len(meetings), 1, 1),
            "mean_opinions": share(states["opinions"], len(meetings), 1, 1),
            "settled_rate": share(states["settled"] + states["explained"], states["opinions"] - states["excluded"], 1),
        }

    def b2(self, unit, period, boundaries):
        meetings, rounds, _ = self.facts(unit, period, boundaries)
        communes = [
            self.by_row((f for f in kind if f.level == "commune"), unit, boundaries, True)
            for kind in (meetings, rounds)
        ]
        rows, total = {}, Counter()
        for pk in set().union(*communes):
            mine, due = communes[0].get(pk, []), communes[1].get(pk, [])
            expected = [o for o in due if not o.is_exempt]
            cells = Counter(f"m{m.period_last.month}" for m in mine)
            cells |= Counter(meetings=len(mine), expected=len(expected), held=len([o for o in expected if o.met_on]))
            total.update(cells)
            rows[pk] = {**self._words(cells, due, pk, period, boundaries), **cells}
        for row in (*rows.values(), total):
            row["rate"] = share(row.get("held", 0), row.get("expected", 0), 2)
        return {"commune": {**rows, "total": total}}

    def _words(self, cells, due, pk, period, boundaries):
        """The cells of a commune that show no number."""
        words = {}
        for year, month in period.months():
            if cells[f"m{month}"]:
                continue
            here = [o for o in due if o.ends_on.month == month]
            last = max(o for o in (date(year, month, day) for day in (28, 29, 30, 31) if _is_day(year, month, day)))
            lives = (boundaries == "now" and self.ends[pk] > self.today) or any(
                v.unit_id == pk and v.valid_from <= last and (v.valid_to or date.max) > last for v in self.versions
            )
            words[f"m{month}"] = _word(here) or ("" if lives else "–")
        return {key: word for key, word in words.items() if word}

    def b3(self, unit, period, boundaries):
        if unit.level == "commune" or period.kind == "month":
            return {}
        meetings, rounds, _ = self.facts(unit, period, boundaries)
        mine = [m for m in meetings if m.level == "district"]
        due = [o for o in rounds if o.level == "district"]
        row_of = (lambda fact: unit.pk) if unit.level == "district" else lambda f: self.row_of(f, unit, boundaries)
        rows, total = {}, Counter()
        for pk in {row_of(fact) for fact in (*mine, *due)}:
            here = [m for m in mine if row_of(m) == pk]
            cells = Counter(f"q{(m.period_last.month + 2) // 3}" for m in here)
            cells |= Counter(
                meetings=len(here),
                attendance=sum(m.attendance_count for m in here),
                opinions=sum(m.opinion_count for m in here),
            )
            total.update(cells)
            due_here = [o for o in due if row_of(o) == pk]
            expected = [o for o in due_here if not o.is_exempt]
            cells["expected"], cells["held"] = len(expected), len([o for o in expected if o.met_on])
            cells["incomplete"] = len([o for o in expected if o.is_incomplete])
            total.update({word: cells[word] for word in ("expected", "held", "incomplete")})
            due_in = defaultdict(list)
            for occurrence in due_here:
                due_in[f"q{(occurrence.ends_on.month + 2) // 3}"].append(occurrence)
            words = {key: _word(which) for key, which in due_in.items() if not cells[key] and _word(which)}
            rows[pk] = {**cells, **words, "form": _forms(here)}
        for row in (*rows.values(), total):
            row["rate"] = share(row.get("held", 0), row.get("expected", 0), 2)
        return {"district": {**rows, "total": total}} if rows else {}

    def b4(self, unit, period, boundaries, before):
        opinions = self.facts(unit, period, boundaries)[2]
        earlier = self.facts(unit, before, boundaries)[2]
        rows = defaultdict(lambda: ([], []))
        for which, part in enumerate((opinions, earlier)):
            for opinion in part:
                topic = None if opinion.visibility == "restricted" else self.topics[opinion.topic_id].name
                rows[topic or "Ý kiến hạn chế xem"][which].append(opinion)
        rows["total"] = (opinions, earlier)
        return {
            "": {
                name: {
                    **self.states(now),
                    "share": share(len(now), len(opinions), 1),
                    "before": len(was),
                    "change": share(len(now) - len(was), len(was), 1),
                }
                for name, (now, was) in rows.items()
            }
        }

    def by_unit(self, unit, period, boundaries, code):
        """Biểu 5 and 6."""
        opinions = self.facts(unit, period, boundaries)[2]
        rows = self.by_row(opinions, unit, boundaries)
        count = {"B5": kinds_of, "B6": competences_of}[code]
        return {"": {**{pk: count(part) for pk, part in rows.items()}, "total": count(opinions)}}

    def b7(self, unit, period, boundaries):
        meetings = self.facts(unit, period, boundaries)[0]
        tables = {}
        for level in LEVELS if unit.level != "commune" and period.kind != "month" else LEVELS[:1]:
            mine = [m for m in meetings if m.level == level]
            rows = self.by_row(mine, unit, boundaries)
            rows = {unit.pk: mine} if level == unit.level == "district" else rows
            tables[level] = {pk: delegates_of(part, self.seats, self.links) for pk, part in rows.items()}
        return tables

    def b8(self, unit, period, boundaries):
        """{code: days late}, and how many are restricted."""
        mine = belongs(unit, boundaries, self.today)
        waiting = [o for o in self.opinions if mine(o) and o.period_last <= period.last and o.status not in _ENDED]
        shown = [o for o in waiting if o.visibility != "restricted"]
        days = {f"YK-{o.pk}": (self.today - o.due_on).days if self.late(o) else 0 for o in shown}
        return days, len(waiting) - len(shown)

    def b9(self, unit, period, boundaries):
        """{code: places that use it}."""
        kinds = ("initiative", "good_practice")
        return {
            f"YK-{o.pk}": self.spreads[o.pk]
            for o in self.facts(unit, period, boundaries)[2]
            if o.kind in kinds and o.visibility != "restricted"
        }

    def b10(self, unit, periods, boundaries):
        """[the numbers of a year, in printed order] for each year of which anything is known."""
        found = {}
        for period in periods:
            words = recount((self.meetings, self.rounds, self.opinions), unit, period, boundaries, self.today)
            found[period.last.year] = _column(words) if any(words.values()) else []
        return found


_ENDED = (*SETTLED, *EXPLAINED, *EXCLUDED)


def _column(words):
    column = []
    for level in LEVELS:
        own = {word.removeprefix(f"{level}_"): number for word, number in words.items() if word.startswith(level)}
        own["rate"] = share(own["occurrences_held"], own["expected"], 2)
        own["mean"] = share(own["attendance"], own["meetings"], 1, 1)
        column.append([own[word] for word in YEAR_WORDS[0].split()])
    answered = words["opinions_settled"] + words["opinions_explained"]
    counted = words["opinions_received"] - words["opinions_excluded"]
    every = {**words, "settled_rate": share(answered, counted, 1)}
    return [*column, [every[word] for word in YEAR_WORDS[1].split()]]


def _word(rounds):
    """What a cell says of the rounds that were due and brought no meeting of the unit's own."""
    unmet = [o for o in rounds if not o.is_exempt and not o.met_on]
    if unmet:
        return "chưa đủ" if all(o.is_incomplete for o in unmet) else "thiếu"
    return "chung" if any(o.met_on for o in rounds) else "miễn" if rounds else ""


def _forms(meetings):
    found = Counter(m.form for m in meetings)
    if len(found) == 1:
        return FORM_LABELS[next(iter(found))]
    ordered = sorted(found, key=lambda form: (-found[form], list(FORM_LABELS).index(form)))
    return ", ".join(f"{FORM_LABELS[form]}: {found[form]}" for form in ordered)


def _is_day(year, month, day):
    try:
        return bool(date(year, month, day))
    except ValueError:
        return False
