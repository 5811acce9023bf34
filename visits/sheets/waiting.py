"""Yearly sheets on the home page, while the year is being reviewed."""

from django.db.models import Count, Q
from django.urls import reverse

from visits.access import SIGNERS
from visits.enums import SheetState
from visits.helped.rules import year_reviewed
from visits.models import YearlySheet


def sheet_tasks(user, today):
    """One's own words still to write; sheets of one's cadres that wait for a remark and a signature. One query."""
    year = year_reviewed(today)
    if year is None:
        return []
    grants = [grant for grant in user.scope.grants if grant.writes]
    units = {grant.unit_id for grant in grants if grant.role in SIGNERS.get(grant.level, ())}
    own, written = Q(person_id=user.person_id), ~Q(own_words="")
    found = YearlySheet.objects.filter(own | Q(unit_id__in=units), year=year, state=SheetState.DRAFT).aggregate(
        own=Count("pk", filter=own & ~written), waiting=Count("pk", filter=~own & written)
    )
    rows = []
    if found["own"]:
        rows.append((f"Viết tự nhận xét phiếu năm {year}", "Người phụ trách nhận xét và ký sau", "Viết"))
    if found["waiting"]:
        rows.append((f"{found['waiting']} phiếu năm {year} chờ nhận xét, ký", "Cán bộ đã tự nhận xét", "Xem"))
    url = f"{reverse('yearly_sheet_list')}?ky={year}"
    return [
        {"title": title, "url": url, "hint": hint, "word": "Chưa xong", "tone": "waiting", "action_label": label}
        for title, hint, label in rows
    ]
