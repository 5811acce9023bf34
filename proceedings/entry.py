"""The entry page of a meeting: one object that holds what is shown, what was typed, and how it is saved."""

import itertools

from core.errors import DomainError
from core.merging import Clash, clash_row, merge, plain, seal, unseal
from core.text import fold
from feedback.enums import Competence, OpinionStatus
from feedback.models import Opinion, Topic
from feedback.thread.recording import OpinionDraft
from feedback.topics import NOT_CHOSEN
from meetings.cadence.reads import joint_places, must_explain
from meetings.enums import SEVERAL_SITTINGS, ChairSeat, Presence
from meetings.services import MeetingFacts
from meetings.services.attendance import chair_choices, roster_on, saved_seats
from people.enums import Position
from proceedings.forms import (
    DETAILS,
    GROUPS,
    PARTS,
    MeetingLogForm,
    OpinionRows,
    count_rows,
    read_counts,
    read_guests,
    read_seats,
    read_sittings,
    roster_changed,
    rows_by_key,
    seat_value,
    type_rows,
    typed_rows,
    typed_seats,
)
from proceedings.preparation.basket import entry_rows, taken_into
from proceedings.services import log_meeting
from units.enums import Level
from units.models import UnitCluster
from units.naming import place_book
from units.reads import children_of

FACTS = (
    *("held_on", "title", "form", "started_at", "ended_at", "place", "link", "chairs", "secretary"),
    *("agenda", "announcements", "conclusions", "minutes", "timing_reason", "speaker_count"),
)
EDITABLE = (OpinionStatus.RECORDED, OpinionStatus.ANSWERED_ON_SPOT)
ROW_FIELDS = ("kind", "competence", "channel", "visibility", "text", "raised_by_name", "answer")
CHAIRS = {f"chair_{seat}": seat for seat in ChairSeat}
MERGED_FACTS = (*FACTS, *CHAIRS, "attendance_mode")
MERGED_ROW = (*ROW_FIELDS, "topic", "village")
NEEDS = {
    "p:": ("attendance_mode", ("roster",)),
    "g:": ("attendance_mode", ("roster",)),
    "c:": ("attendance_mode", ("counted",)),
    "s:": ("form", tuple(SEVERAL_SITTINGS)),
}
"""Rows that are saved only while a choice above them has one of these values."""


class EntryPage:
    """Built for GET and POST alike, so that a refused form shows again exactly what was typed."""

    def __init__(self, meeting, user, today, data=None, query=None):
        self.meeting, self.user, self.today, self.data = meeting, user, today, data
        self.query, self.thing = query, f"meeting-{meeting.pk}"
        self.errors, self.clashes, self.taken = [], [], []
        opinions = Opinion.objects.visible_to(user).filter(meeting=meeting)
        self.opinions = list(opinions.select_related("village", "commune", "topic").order_by("number", "id"))
        day = meeting.held_on or min(meeting.planned_on or today, today)
        self.form = MeetingLogForm(data, initial=self._initial(day), level=meeting.level)
        self.day = self._typed_day() or day
        for seat, choices in chair_choices(meeting.unit, self.day).items():
            self.form.fields[f"chair_{seat}"].choices = choices
        self.fresh_roster = bool(query and query.get("danh-sach") == "moi")
        self.roster, self.guests = self._people()
        self.children = children_of(meeting.unit, self.day)
        self.places = None if meeting.level == Level.COMMUNE else self._place_book()
        self.guest_places = joint_places(meeting, self.day)
        self.rows = self._opinion_rows()
        if data is None:
            self.form.initial["base"] = seal(self.thing, self._stamp() | {"values": self._saved_values()})

    def _stamp(self):
        """Which versions are saved: of the meeting and of the opinions the user sees."""
        versions = {str(opinion.pk): opinion.version for opinion in self.opinions}
        return {"version": self.meeting.version, "opinions": versions}

    def _initial(self, day):
        initial = {name: getattr(self.meeting, name) for name in FACTS}
        initial |= {"held_on": day, "version": self.meeting.version}
        initial |= dict.fromkeys(CHAIRS, "") | {f"chair_{head.seat}": head.value for head in self.meeting.heads.all()}
        counted = (self.meeting.level == "district" and not self.meeting.is_held) or self.meeting.counts.exists()
        return initial | {"attendance_mode": "counted" if counted else "roster"}

    def _typed_day(self):
        if self.data is None:
            return None
        self.form.full_clean()
        return self.form.cleaned_data.get("held_on")

    def _people(self):
        """The saved seats while the day is unchanged, else the roster of the day, with what was ticked kept."""
        saved, guests = saved_seats(self.meeting)
        if saved and self.day == self.meeting.held_on and not self.fresh_roster:
            return saved, guests
        states = {seat.person_id: seat for seat in saved}
        return [states.get(seat.person_id, seat) for seat in roster_on(self.meeting.unit, self.day)], guests

    def _opinion_rows(self):
        villages = {str(unit.pk): unit.name_then for unit in self.children}
        topics = {str(topic.pk): topic.name for topic in Topic.objects.choices_on(self.day)}
        for opinion in self.opinions:  # what was chosen once may be chosen still
            if opinion.village_id and not self.places:
                villages.setdefault(str(opinion.village_id), opinion.village.name)
            if opinion.topic.code != NOT_CHOSEN["code"]:
                topics.setdefault(str(opinion.topic_id), opinion.topic.name)
        options = {
            "villages": self.places or list(villages.items()),
            "topics": list(topics.items()),
            "competences": self._competences(),
        }
        if self.data is not None:
            return OpinionRows(self.data, prefix="opinions", form_kwargs=options)
        initial = [self._row(opinion) for opinion in self.opinions if opinion.status in EDITABLE]
        initial += entry_rows(self.meeting, self.user)
        rows = OpinionRows(initial=initial, prefix="opinions", form_kwargs=options)
        rows.extra = 0 if initial else 3
        return rows

    def _place_book(self):
        """Above the commune: all that lies below the unit on the day, and what was chosen once."""
        ids = {opinion.place_id for opinion in self.opinions} - {None}
        return place_book(self.meeting.unit, self.day, kept=ids)

    def _competences(self):
        """The district level is offered only where the tree has one on the day."""
        has_district = self.meeting.district_id is not None
        return [(code, label) for code, label in Competence.choices if has_district or code != Competence.DISTRICT]

    @staticmethod
    def _row(opinion):
        topic_id = None if opinion.topic.code == NOT_CHOSEN["code"] else opinion.topic_id
        row = {name: getattr(opinion, name) for name in ROW_FIELDS} | {"topic": topic_id, "pk": opinion.pk}
        return row | {"village": opinion.place_id}

    def is_valid(self):
        """Both the facts and every row; also refuses when the roster of the day is not the one that was shown."""
        valid = self.form.is_valid() & self.rows.is_valid()
        if valid and not self.form.cleaned_data["timing_reason"] and must_explain(self.meeting, self._last_day()):
            due = self.meeting.occurrence.due_on
            self.form.add_error(
                "timing_reason", f"Hội nghị họp sau hạn {due:%d/%m/%Y}. Nhập lý do họp muộn hoặc họp bù."
            )
            return False
        if valid and self.form.cleaned_data["attendance_mode"] == "roster" and roster_changed(self.data, self.roster):
            raise DomainError(
                f"Danh sách đại biểu đã lấy lại theo ngày họp {self.day:%d/%m/%Y}. Kiểm tra điểm danh rồi bấm Lưu.",
                "attendance",
            )
        return valid

    def _last_day(self):
        """The day of the last sitting that was typed: the round is judged by it."""
        if self.form.cleaned_data["form"] not in SEVERAL_SITTINGS:
            return self.day
        sittings = read_sittings(self.data, self._communes(), self._clusters())
        return max([self.day, *(sitting.held_on for sitting in sittings)])

    def save(self):
        facts = self.form.cleaned_data
        is_roster = facts["attendance_mode"] == "roster"
        return log_meeting(
            self.meeting.pk,
            MeetingFacts(**{name: facts[name] for name in FACTS}),
            actor=self.user,
            today=self.today,
            version=facts["version"],
            seats=read_seats(self.data, self.roster) + read_guests(self.data) if is_roster else (),
            counts=() if is_roster else read_counts(self.data, self._count_places()),
            sittings=read_sittings(self.data, self._communes(), self._clusters()),
            drafts=self._drafts(),
            chairs={seat: facts[name] for name, seat in CHAIRS.items()},
        )

    def _drafts(self):
        names = {seat.name: seat for seat in self.roster}
        filled = [row.cleaned_data for row in self.rows.forms if not row.is_blank() and not row.cleaned_data["DELETE"]]
        numbers = {opinion.pk: opinion.number for opinion in self.opinions}
        last = max(numbers.values(), default=self.meeting.opinion_count)
        fresh = itertools.count(max(last, self.meeting.opinion_count) + 1)
        return [self._draft(row, numbers.get(row["pk"]) or next(fresh), names) for row in filled]

    def _draft(self, data, number, names):
        speaker = names.get(data["raised_by_name"])
        return OpinionDraft(
            text=data["text"],
            village_id=int(data["village"]) if data["village"] else None,
            raised_by_id=speaker.person_id if speaker else None,
            raised_by_name=data["raised_by_name"],
            raised_by_title=(speaker.duties if speaker else "")[:120],
            kind=data["kind"],
            channel=data["channel"],
            topic_id=int(data["topic"]) if data["topic"] else None,
            competence=data["competence"],
            visibility=data["visibility"],
            answer=data["answer"],
            pk=data["pk"],
            version={opinion.pk: opinion.version for opinion in self.opinions}.get(data["pk"]),
            basket_id=data["basket"],
            number=number,
        )

    def _communes(self):
        return {str(unit.pk): unit.name_then for unit in self.children if unit.level in ("commune", "village")}

    def _count_places(self):
        """Where counted people may come from: below the unit, and below the units that met with it."""
        return self._communes() | self.guest_places

    def _clusters(self):
        clusters = UnitCluster.objects.filter(unit=self.meeting.unit).on(self.day).prefetch_related("members")
        return {str(c.pk): (c.name, [member.pk for member in c.members.all()]) for c in clusters}

    def _saved_values(self):
        """What is saved now, as a merge compares it: facts, persons, guests, counts, sittings, opinions, the basket."""
        found = {name: plain(self.form.initial.get(name)) for name in MERGED_FACTS}
        found |= {f"p:{seat.person_id}": _seat_value(seat) for seat in self.roster}
        found |= rows_by_key("g:", [(guest.name, guest.duties) for guest in self.guests])
        found |= rows_by_key("c:", self._count_rows())
        columns = ("day", "who", "place", "count")
        found |= rows_by_key("s:", [[row.get(name) for name in columns] for row in self._sitting_rows()])
        for opinion in self.opinions:
            found |= _row_values(f"o:{opinion.pk}", self._row(opinion))
        for row in self.rows.initial or ():
            found |= _row_values(f"b:{row['basket']}", row) if row.get("basket") else {}
        return found

    def _typed_values(self, opened, taken):
        """(values, rows not saved yet) of what was typed; a part the page did not have is as it was opened."""
        found = dict(opened)
        found |= {name: plain(self.form.cleaned_data[name]) for name in MERGED_FACTS if name in self.data}
        found |= typed_seats(self.data)
        for prefix in PARTS:
            if (rows := typed_rows(prefix, self.data)) is not None:
                found = {key: value for key, value in found.items() if not key.startswith(prefix)}
                found |= rows_by_key(prefix, rows)
        fresh = []
        for row in (form.cleaned_data for form in self.rows.forms if not form.is_blank()):
            pk = row["pk"] or taken.get(row["basket"])
            if row["DELETE"]:
                continue
            if pk:
                found |= dict.fromkeys([f"o:{pk}:{name}" for name in MERGED_ROW], "") | _row_values(f"o:{pk}", row)
            else:
                fresh.append(row)
        return found, fresh

    def merged(self):
        """This page, or one that also holds what was saved since it was opened; its `clashes` are to be chosen.

        Call on a valid page. Opened without a base and at the saved version, the page is as it was shown.
        """
        opened = unseal(self.thing, self.data.get("base"))
        is_current = opened and {name: opened[name] for name in ("version", "opinions")} == self._stamp()
        if (is_current and not opened.get("open")) or (
            opened is None and self.form.cleaned_data["version"] == self.meeting.version
        ):
            return self
        saved = EntryPage(self.meeting, self.user, self.today)
        taken = taken_into(self.meeting, [form.cleaned_data.get("basket") for form in self.rows.forms])
        theirs = saved._saved_values()
        base = dict(opened["values"]) if opened else {}
        for basket, pk in taken.items():
            base |= {f"o:{pk}:{name}": base.pop(f"b:{basket}:{name}", "") for name in MERGED_ROW}
        mine, fresh = self._typed_values(base or theirs, taken)
        gone = {key: base.get(key, "") for key in mine if key.startswith("o:") and _owner(key) not in saved._pks()}
        found = merge(base, mine, theirs | gone, self.data, NEEDS)
        return self._page_of(found, saved, [row for row in fresh if not saved.has_new(row, base)], mine, base)

    def reread(self):
        """The same typed page over what is saved at this moment."""
        meeting = type(self.meeting).objects.select_related("unit", "occurrence").get(pk=self.meeting.pk)
        return EntryPage(meeting, self.user, self.today, self.data, self.query)

    def _pks(self):
        return {str(opinion.pk) for opinion in self.opinions}

    def has_new(self, row, base):
        """Was this very row saved since the page was opened, say from another window?"""
        known = {_owner(key) for key in base if key.startswith("o:")}
        return any(
            fold(opinion.text) == fold(row["text"]) and plain(self._row(opinion)["village"]) == row["village"]
            for opinion in self.opinions
            if str(opinion.pk) not in known
        )

    def _page_of(self, found, saved, fresh, mine, base):
        """The page of a merge: the values typed again, the rows not saved yet behind the saved ones."""
        data, values = self.data.copy(), found.values
        for name in [name for name in data if name.split("-")[0] in ("seat", *DETAILS, "opinions")]:
            del data[name]
        for name in MERGED_FACTS:
            data[name] = values.get(name, "")
        for prefix, columns in PARTS.items():
            rows = [value for key, value in values.items() if key.startswith(prefix)]
            type_rows(prefix, data, rows + [[""] * len(columns)] * 2)
        _type_opinions(data, self._kept_rows(values, saved, mine, base) + fresh, saved.places and saved.places.labels)
        data["version"] = str(self.meeting.version)
        data["base"] = seal(self.thing, saved._stamp() | {"values": found.base, "open": bool(found.clashes)})
        page = EntryPage(self.meeting, self.user, self.today, data, self.query)
        page.clashes, page.taken, page.opinions = found.clashes, found.taken, saved.opinions
        for seat in page.roster:
            marked = values.get(f"p:{seat.person_id}", _seat_value(seat))
            for name, value in zip(("seat", *DETAILS), marked, strict=True):
                data[f"{name}-{seat.person_id}"] = value
        page.clashes += self._uncalled(page, mine, base)
        return page

    def _uncalled(self, page, mine, base):
        """Marks of people who are not called on the day that was saved: told once, they can go nowhere."""
        called = {f"p:{seat.person_id}" for seat in page.roster}
        rows = [key for key in mine if key.startswith("p:") and key not in called and mine[key] != base.get(key)]
        told = [Clash(key, mine[key], "") for key in rows]
        return [clash for clash in told if not self.data.get(clash.name, "").endswith(clash.mark)]

    def _kept_rows(self, values, saved, mine, base):
        """Saved opinions as rows: those that may be mended here, and those that the actor changed meanwhile."""
        rows, states = [], {str(opinion.pk): opinion.status for opinion in saved.opinions}
        for pk in dict.fromkeys([*states, *(_owner(key) for key in mine if key.startswith("o:"))]):
            keys = {name: f"o:{pk}:{name}" for name in MERGED_ROW}
            is_changed = any(mine.get(key, "") != base.get(key, "") for key in keys.values())
            if states.get(pk) in EDITABLE or is_changed:
                rows.append({name: values.get(key, "") for name, key in keys.items()} | {"pk": pk})
        return rows

    def label_of(self, key):
        """What a key of a merge is called on the page."""
        kind, _, rest = key.partition(":")
        if kind == "p":
            names = {str(seat.person_id): seat.name for seat in (*self.roster, *roster_on(self.meeting.unit, self.day))}
            return f"Điểm danh: {names.get(rest, 'đồng chí không còn trong danh sách')}"
        if kind == "o":
            number = {str(opinion.pk): opinion.number for opinion in self.opinions}.get(_owner(key), "")
            return f"Ý kiến {number}: {self.rows.empty_form.fields[key.rpartition(':')[2]].label.lower()}"
        plain_labels = {"g": "Khách mời", "c": "Số lượng đại biểu", "s": "Cuộc họp"}
        return plain_labels[kind] if kind in plain_labels else self.form.fields[key].label

    def word_of(self, key, value):
        """A value of a merge as people read it."""
        if isinstance(value, list):
            words = [dict(Presence.choices).get(value[0], value[0]), *value[1:]]
            names = self._count_places() | dict(self._sitting_choices())
            return ", ".join(names.get(word, word) for word in words if word)
        name = key.rpartition(":")[2]
        fields = self.rows.empty_form.fields if key.startswith("o:") else self.form.fields
        choices = {str(code): label for code, label in getattr(fields[name], "choices", ())}
        return choices.get(value, value)

    def add_error(self, error):
        if error.field in self.form.fields:
            self.form.add_error(error.field, error.message)
        else:
            anchor = error.field if error.field in ("attendance", "counts", "sittings", "clashes") else "opinions-title"
            self.errors.append({"field": anchor if error.field else "", "message": error.message})

    def context(self):
        """What the template shows; every row prepared here."""
        ticked = self.data if self.data is not None else {}
        return {
            "entry": self,
            "meeting": self.meeting,
            "form": self.form,
            "opinion_rows": self.rows,
            "seats": [self._seat_row(seat, ticked) for seat in self.roster],
            "guests": self._guest_rows(),
            "groups": self._count_rows(),
            "count_places": self._count_places().items(),
            "asks_reason": self._asks_reason(),
            "sittings": self._sitting_rows(),
            "sitting_choices": self._sitting_choices(),
            "has_sittings": self.form["form"].value() in SEVERAL_SITTINGS,
            "speakers": [seat.name for seat in self.roster],
            "clashes": [clash_row(clash, self.label_of(clash.key), self.word_of) for clash in self.clashes],
            "errors": self.errors,
        }

    def _asks_reason(self):
        """Is the field of the reason shown: only where the meeting can be late."""
        occurrence = self.meeting.occurrence
        return bool(occurrence and (self.today > occurrence.due_on or self.form["timing_reason"].value()))

    def _seat_row(self, seat, ticked):
        chosen = ticked.get(f"seat-{seat.person_id}", seat.presence)
        return {
            "pk": seat.person_id,
            "name": seat.name,
            "duties": seat.duties,
            "is_chair": any(title in seat.duties for title in (Position.PARTY_SECRETARY.label,)),
            "states": [(code, label, code == chosen) for code, label in Presence.choices],
            "reason": ticked.get(f"reason-{seat.person_id}", seat.reason),
            "substitute": ticked.get(f"substitute-{seat.person_id}", seat.substitute),
        }

    def _guest_rows(self):
        if self.data is not None:
            pairs = zip(self.data.getlist("guest_name"), self.data.getlist("guest_duty"), strict=False)
            return [{"name": name, "duties": duty} for name, duty in pairs]
        return [{"name": guest.name, "duties": guest.duties} for guest in self.guests] + [{}, {}]

    def _count_rows(self):
        if self.data is not None:
            return count_rows(self.data)
        saved = self.meeting.counts.filter(sitting=None).values_list("group", "unit_id", "number")
        rows = [(group, str(unit_id or ""), number) for group, unit_id, number in saved]
        known = {group for group, _, _ in rows}
        return rows + [(group, "", "") for group in GROUPS if group not in known] + [("", "", "")] * 2

    def _sitting_rows(self):
        if self.data is not None:
            columns = ("sitting_day", "sitting_place", "sitting_who", "sitting_count")
            return [
                dict(zip(("day", "place", "who", "count"), row, strict=True))
                for row in zip(*(self.data.getlist(column) for column in columns), strict=False)
            ]
        rows = [self._sitting_row(sitting) for sitting in self.meeting.sittings.prefetch_related("communes")]
        return [*rows, {}, {}, {}]

    @staticmethod
    def _sitting_row(sitting):
        first = next(iter(sitting.communes.all()), None)
        who = f"cluster-{sitting.cluster_id}" if sitting.cluster_id else f"commune-{first.pk if first else ''}"
        return {
            "day": sitting.held_on.strftime("%d/%m/%Y"),
            "place": sitting.place,
            "who": who,
            "count": sitting.attendance_count,
        }

    def _sitting_choices(self):
        clusters = [(f"cluster-{pk}", name) for pk, (name, _) in self._clusters().items()]
        return clusters + [(f"commune-{pk}", name) for pk, name in self._communes().items()]


def _owner(key):
    """'o:12:text' -> '12'"""
    return key.split(":")[1]


def _seat_value(seat):
    return seat_value(seat.presence, seat.reason, seat.substitute)


def _row_values(prefix, row):
    return {f"{prefix}:{name}": plain(row.get(name)) for name in MERGED_ROW}


def _type_opinions(data, rows, labels):
    """Rows of the opinion grid, typed into the data of a page; with `labels` its places are typed by name."""
    data["opinions-TOTAL_FORMS"], data["opinions-INITIAL_FORMS"] = str(len(rows)), "0"
    for number, row in enumerate(rows):
        for name in (*MERGED_ROW, "pk", "basket"):
            value = plain(row.get(name))
            data[f"opinions-{number}-{name}"] = (labels or {}).get(value, value) if name == "village" else value
