"""Việc cần làm: what waits for this person today, each with one button. A fixed number of queries per role."""

from django.urls import reverse

from core.display import moment_text
from core.drafts import drafts_of
from feedback.access import may_confirm
from feedback.desk.reads import act_url
from feedback.enums import Verb
from feedback.models import BasketItem
from feedback.reads import answers_to_read_back, desk_counts, most_overdue, support_tasks, tone_of, word_of
from feedback.thread.steps import extensions_to_decide
from meetings.access import DECIDERS
from meetings.conclusions.reads import business_tasks
from meetings.delegates.reads import absence_tasks
from meetings.reads import current_rate, due_now, in_sentence, missing_by_unit, pending_exemptions, upcoming_meetings
from people.enums import Role
from proceedings.preparation.readback import CHOICES, unheard_answers
from proceedings.preparation.speakers import SILENT_FROM, silent_count
from units.scoping import CONTENT_ROLES
from visits.enums import VisitStatus
from visits.home import tasks_for
from visits.models import Visit

ANSWERS = 6


def village_home(user, today):
    """{"answers", "answer_count", "tasks"} in a fixed number of queries."""
    found = unheard_answers(user, today)
    waiting = BasketItem.objects.visible_to(user).waiting().count()
    return {
        "answers": [_answer(opinion, user) for opinion in found[:ANSWERS]],
        "answer_count": found.count(),
        "tasks": [_basket_task(waiting), *_visit_tasks(user)] if user.scope.village_ids(writing=True) else [],
    }


def _visit_tasks(user):
    """Visits to the village that nobody has confirmed; not those of the account's own holder."""
    visits = Visit.objects.visible_to(user).filter(village_id__in=user.scope.village_ids(writing=True))
    number = visits.filter(status=VisitStatus.LOGGED).exclude(person_id=user.person_id).count()
    if not number:
        return []
    return [
        {
            "title": f"{number} lượt cán bộ về thôn, khu chờ xác nhận",
            "url": f"{reverse('visit_list')}?trang-thai={VisitStatus.LOGGED}",
            "hint": "Xác nhận đúng có đến, hoặc đề nghị người đi xem lại.",
            "word": VisitStatus.LOGGED.label,
            "tone": "waiting",
            "action_label": "Xác nhận",
        }
    ]


def _answer(opinion, user):
    answering = opinion.answering
    return {
        "opinion": opinion,
        "answer": answering.answer,
        "answered_on": answering.settled_on,
        "word": word_of(answering.status),
        "tone": tone_of(answering.status),
        "may_say": may_confirm(user, opinion),
        "choices": CHOICES,
    }


def _basket_task(waiting):
    return {
        "title": "Ý kiến của thôn, khu cho hội nghị giao ban kế tiếp",
        "url": reverse("basket_list"),
        "hint": "Ghi trước để hội nghị có sẵn, không phải nêu lại từ đầu.",
        "word": f"Đã gửi {waiting} ý kiến" if waiting else "Chưa gửi ý kiến",
        "tone": "progress" if waiting else "waiting",
        "action_label": "Gửi ý kiến",
    }


ABOVE = {Role.DISTRICT, Role.LEADER, Role.SPECIALIST, Role.PROVINCE, Role.PROVINCE_LEADER}
DESK = (
    ("unresolved", "Chưa giải quyết xong", "", ""),
    ("overdue", "Quá hạn", "?han=qua-han", "late"),
    ("due_soon", "Đến hạn trong 7 ngày", "?han=7-ngay", "soon"),
    ("unassigned", "Chưa phân công", "?trang-thai=recorded", ""),
    ("escalated", "Cấp dưới chuyển lên, chờ tiếp nhận", "?trang-thai=escalated&giu=on", ""),
)
HIDDEN = {"unresolved": "hidden", "overdue": "hidden_overdue"}
HIDDEN_NOTE = "gồm {} ý kiến hạn chế xem, chỉ tính số"
RATE_WORDS = {True: "Xã, phường", False: "Huyện, thị, thành"}
MONTH_LETTERS = len("2026-11")


def _list(part):
    return f"{reverse('meeting_list')}?ky={part['period']}"


class Home:
    """What the page shows to one user on one day."""

    def __init__(self, user, today):
        self.user, self.today = user, today
        self.roles = {grant.role for grant in user.scope.grants}

    def context(self):
        context = {"today": self.today, "tasks": [], "is_archive": bool(self.user.scope.grants) and not self.user.roles}
        if self.roles & (CONTENT_ROLES | {Role.AGENCY, Role.VILLAGE}):
            context |= self._desk()
        if Role.VILLAGE in self.roles:
            context["village"] = village_home(self.user, self.today)
            context["tasks"] += context["village"].pop("tasks")
        if self.roles & CONTENT_ROLES:
            due = due_now(self.user, self.today, limit=6)
            context["tasks"] += [self._meeting_task(row) for row in due]
            listed = {row.meeting.pk for row in due if row.meeting}
            planned = upcoming_meetings(self.user, self.today)
            context["upcoming"] = [meeting for meeting in planned if meeting.pk not in listed]
        if self.roles & {Role.COMMUNE, Role.COMMUNE_LEADER}:
            context["read_back"] = answers_to_read_back(self.user, self.today, limit=6)
        if self.roles & ABOVE:
            context |= self._below()
        if self.roles & CONTENT_ROLES:
            context["tasks"] += self._extensions()
        if Role.AGENCY in self.roles:
            context["tasks"] += support_tasks(self.user, self.today)
        context["tasks"] += business_tasks(self.user, self.today)
        if self.roles & {Role.COMMUNE, Role.COMMUNE_LEADER}:
            context["tasks"] += absence_tasks(self.user, self.today)
            context["tasks"] += self._silence()
        context["tasks"] += tasks_for(self.user, self.today)
        context["tasks"] = self._drafts() + context["tasks"] + self._doors()
        return context

    def _drafts(self):
        """What was typed on any machine and not sent."""
        return [
            {
                "title": draft.title,
                "url": draft.address,
                "hint": f"Đang ghi dở, lưu nháp lúc {moment_text(draft.saved_at)}",
                "word": "Đang ghi dở",
                "tone": "soon",
                "action_label": "Tiếp tục",
            }
            for draft in drafts_of(self.user.pk)
        ]

    def _desk(self):
        counts, address = desk_counts(self.user, self.today), reverse("opinion_list")
        shown = DESK if self.roles & CONTENT_ROLES else DESK[:3]
        desk = [
            {
                "label": label,
                "value": counts[word],
                "url": address + query,
                "tone": tone if counts[word] else "",
                "note": HIDDEN_NOTE.format(counts[hidden]) if (hidden := HIDDEN.get(word)) and counts[hidden] else "",
            }
            for word, label, query, tone in shown
            if counts[word] or word != "escalated"
        ]
        return {"desk": desk, "worst": most_overdue(self.user, self.today, limit=5)}

    def _meeting_task(self, row):
        if row.meeting:
            url, label = reverse("meeting_log", args=[row.meeting.pk]), "Ghi hội nghị"
        else:
            url, label = f"{reverse('meeting_create')}?ky={row.occurrence.pk}", "Lập hội nghị"
        return {
            "title": row.label,
            "url": url,
            "action_label": label,
            "word": row.word,
            "tone": row.tone,
            "hint": f"Hạn họp {row.occurrence.due_on:%d/%m/%Y}" + (" – đã xin miễn" if row.is_asked else ""),
        }

    def _below(self):
        """For those above: who lags behind, how the round stands, what asks for a decision."""
        lags, count = missing_by_unit(self.user, self.today, limit=8)
        below = {"lags": lags, "lag_count": count, "rates": self._rates()}
        if any(self.roles & roles for roles in DECIDERS.values()):
            below["asked"] = list(pending_exemptions(self.user)[:6])
        return below

    def _rates(self):
        """Held of expected, in the running period and the one before, each with its list."""
        rates = []
        for rate in current_rate(self.user, self.today).values():
            for part in (rate, rate["previous"]):
                if part["units"]:
                    label = f"{RATE_WORDS[len(part['period']) == MONTH_LETTERS]} đã họp, {in_sentence(part['period'])}"
                    note = f"trên {part['units']} đơn vị phải tổ chức{'' if part['expected'] else ', chưa đến hạn'}"
                    rates.append({"label": label, "value": part["held"], "note": note, "url": _list(part)})
        return rates

    def _extensions(self):
        """More time asked for by a body or by a unit below."""
        return [
            {
                "title": f"YK-{row.opinion_id}: đề nghị hạn mới {row.new_due_on:%d/%m/%Y}",
                "url": act_url(row.opinion, Verb.GRANT_EXTENSION),
                "hint": f"{row.opinion.holder.name}: {row.reason}",
                "word": "Chờ quyết định",
                "tone": "waiting",
                "action_label": "Quyết định",
            }
            for row in extensions_to_decide(self.user)
        ]

    def _silence(self):
        """Villages of the own commune that have raised nothing for some meetings running: a question, not a fault."""
        count = silent_count(self.user, self.today)
        if not count:
            return []
        title = f"{count} thôn, khu chưa nêu ý kiến từ {SILENT_FROM} kỳ liền"
        hint = "Mời phát biểu trước, hoặc ghi giúp ý kiến vào giỏ"
        return [{"title": title, "url": reverse("speaker_list"), "hint": hint, "action_label": "Xem"}]

    def _doors(self):
        """For those whose work lies elsewhere: the page they need."""
        doors = []
        if Role.CADRE in self.roles:
            doors.append(("Ghi chuyến đi cơ sở", "visit_create", "Nội dung dự sinh hoạt, phát hiện và việc đã giúp"))
        if Role.ADMIN in self.roles:
            doors.append(("Quản lý tài khoản", "user_list", "Cấp, khóa tài khoản và cấp lại mật khẩu trong địa bàn"))
        return [
            {"title": title, "url": reverse(name), "hint": hint, "action_label": "Mở"} for title, name, hint in doors
        ]
