"""Keeping the workbook of a closed year, with its rows, as it is on the day it is closed."""

import hashlib
import secrets

from django.conf import settings
from django.db import transaction

from core.activity import record
from core.errors import DomainError
from core.files import whole_file
from core.periods import Period
from people.models import User
from people.reads import title_of
from reports.closing.rules import check_move
from reports.closing.services import freeze_rows
from reports.enums import ClosureState
from reports.figures import live_figures
from reports.models import PeriodClosure
from reports.reach import THEN
from reports.workbook.book import write_workbook

FOLDER = "closings"
TRIES = 3


def freeze_year(closure_id, *, now, progress=None):
    """Freeze a closed year: its rows, its workbook with the hash, and only then the state. Done already: nothing.

    May be run again after a dead worker. Should something be counted meanwhile, it is counted again.
    """
    closure = PeriodClosure.objects.select_related("unit").get(pk=closure_id)
    if closure.state == ClosureState.FROZEN:
        return closure
    check_move(closure.state, ClosureState.FROZEN, Period.parse(closure.period).kind)
    for _ in range(TRIES):
        before = _own_figures(closure)
        with transaction.atomic():
            _lock(closure)
            freeze_rows(closure)
        if _own_figures(closure) == before:
            break
    path, digest = _write_workbook(closure, progress)
    try:
        return _finish(closure, path, digest, now)
    except BaseException:
        (settings.FILES / path).unlink(missing_ok=True)
        raise


def _own_figures(closure):
    return live_figures(closure.unit, Period.parse(closure.period), THEN, closure.as_of)


def _lock(closure):
    """The row itself, still waiting to be frozen."""
    row = PeriodClosure.objects.select_for_update(of=("self",)).select_related("unit").get(pk=closure.pk)
    if row.state != ClosureState.FROZEN:
        check_move(row.state, ClosureState.FROZEN, Period.parse(row.period).kind)
    return row


def _write_workbook(closure, progress):
    """(path under the files' root, SHA-256) of the workbook of the year; it outlives the tidying of exports."""
    path = settings.FILES / FOLDER / f"{closure.pk}-{secrets.token_hex(8)}.xlsx"
    with whole_file(path) as file:
        write_workbook(
            file,
            unit=closure.unit,
            year=closure.first_on.year,
            boundaries=THEN,
            today=closure.as_of,
            maker=_closer(closure),
            progress=progress,
        )
    return str(path.relative_to(settings.FILES)), digest_of(path)


def _closer(closure):
    """Who closed it; the place by its name of the year, as everywhere in the workbook."""
    user = User.objects.filter(pk=closure.closed_by_id).select_related("person").first()
    return title_of(user, closure.as_of, closure.last_on) if user else closure.closed_by_name


def digest_of(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@transaction.atomic
def _finish(closure, path, digest, now):
    """Frozen, once: a slower run drops its own copy of the workbook."""
    row = _lock(closure)
    if row.state == ClosureState.FROZEN:
        (settings.FILES / path).unlink(missing_ok=True)
        return row
    if not row.figures.exists():
        raise DomainError("Số liệu của năm chưa lưu đủ nên chưa chốt. Bấm chốt lại.")
    row.state, row.workbook, row.workbook_sha256 = ClosureState.FROZEN, path, digest
    row.version += 1
    row.save(update_fields=["state", "workbook", "workbook_sha256", "version"])
    record(row.closed_by_id, "closure.freeze", row, {"state": "closed"}, {"state": "frozen", "sha256": digest})
    return row
