"""The entry page of a meeting: one object that holds what is shown, what was typed, and how it is saved."""

import itertools

from core.errors import DomainError
from feedback.basket import entry_rows
from feedback.enums import Competence, OpinionStatus
from feedback.forms.meetings import MeetingLogForm, OpinionRows
from feedback.forms.roster import (
    GROUPS,
    count_rows,
    read_counts,
    read_guests,
    read_seats,
    read_sittings,
    roster_changed,
)
from feedback.models import Opinion, Topic
from feedback.services.logging import log_meeting
from feedback.services.recording import OpinionDraft
from meetings.enums import SEVERAL_SITTINGS, Presence
from meetings.rounds import joint_places, must_explain
from meetings.services import MeetingFacts
from meetings.services.seats import roster_on, saved_seats
from people.enums import Position
from units.models import UnitCluster
from units.selectors import children_of

FACTS = (
    *("held_on", "title", "form", "started_at", "ended_at", "place", "link", "chairs", "secretary"),
    *("agenda", "announcements", "conclusions", "minutes", "timing_reason", "speaker_count"),
)
EDITABLE = (OpinionStatus.RECORDED, OpinionStatus.ANSWERED_ON_SPOT)
ROW_FIELDS = ("kind", "competence", "channel", "visibility", "text", "raised_by_name", "answer")


class EntryPage:
    """Built for GET and POST alike, so that a refused form shows again exactly what was typed."""

    def __init__(self, meeting, user, today, data=None, query=None):
        self.meeting, self.user, self.today, self.data = meeting, user, today, data
        self.errors, self.theirs = [], []
        day = meeting.held_on or min(meeting.planned_on or today, today)
        self.form = MeetingLogForm(data, initial=self._initial(day), level=meeting.level)
        self.day = self._typed_day() or day
        self.fresh_roster = bool(query and query.get("danh-sach") == "moi")
        self.roster, self.guests = self._people()
        self.children = children_of(meeting.unit, self.day)
        self.guest_places = joint_places(meeting, self.day)
        self.rows = self._opinion_rows()

    def _initial(self, day):
        initial = {name: getattr(self.meeting, name) for name in FACTS}
        initial |= {"held_on": day, "version": self.meeting.version}
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
        villages = [(str(unit.pk), unit.name_then) for unit in self._places()]
        options = {
            "villages": villages,
            "topics": [(str(topic.pk), topic.name) for topic in Topic.objects.choices_on(self.day)],
            "competences": self._competences(),
        }
        if self.data is not None:
            return OpinionRows(self.data, prefix="opinions", form_kwargs=options)
        opinions = Opinion.objects.visible_to(self.user).filter(meeting=self.meeting, status__in=EDITABLE)
        initial = [self._row(opinion) for opinion in opinions.order_by("number", "id")]
        initial += entry_rows(self.meeting, self.user)
        rows = OpinionRows(initial=initial, prefix="opinions", form_kwargs=options)
        rows.extra = 0 if initial else 3
        return rows

    def _places(self):
        """Villages of a commune; at the district, its communes: where the matter is."""
        return self.children

    def _competences(self):
        """The district level is offered only where the tree has one on the day."""
        has_district = self.meeting.district_id is not None
        return [(code, label) for code, label in Competence.choices if has_district or code != Competence.DISTRICT]

    @staticmethod
    def _row(opinion):
        row = {name: getattr(opinion, name) for name in ROW_FIELDS} | {"topic": opinion.topic_id, "pk": opinion.pk}
        return row | {"village": opinion.village_id or opinion.commune_id}

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
        )

    def _drafts(self):
        names = {seat.name: seat for seat in self.roster}
        filled = [row.cleaned_data for row in self.rows.forms if not row.is_blank() and not row.cleaned_data["DELETE"]]
        numbers = dict(Opinion.objects.visible_to(self.user).filter(meeting=self.meeting).values_list("pk", "number"))
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
            topic_id=int(data["topic"]),
            competence=data["competence"],
            visibility=data["visibility"],
            answer=data["answer"],
            pk=data["pk"],
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

    def show_conflict(self, message):
        """Somebody saved first: show what they saved beside what was typed; saving again is then a choice."""
        self.errors.append({"field": "version", "message": message})
        self.meeting.refresh_from_db()
        typed, data = self.form.cleaned_data, self.form.data.copy()
        for name in FACTS:
            saved = getattr(self.meeting, name)
            if saved != typed.get(name):
                self.theirs.append({"label": self.form.fields[name].label, "saved": saved, "typed": typed.get(name)})
            if isinstance(saved, str) and not typed.get(name):
                data[name] = saved  # what the actor left blank never wipes what the other wrote
        data["version"] = str(self.meeting.version)
        self.form.data = data

    def add_error(self, error):
        if error.field in self.form.fields:
            self.form.add_error(error.field, error.message)
        else:
            anchor = error.field if error.field in ("attendance", "counts", "sittings") else "opinions-title"
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
            "theirs": self.theirs,
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
