"""Keeping the figures, tables and the workbook of a closed period as they are on the day it is closed."""

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
from reports.closing.reads import boundaries_of, branch_figures, live_tables
from reports.closing.rules import check_move
from reports.enums import ClosureState
from reports.figures import live_figures
from reports.frozen import dump
from reports.models import FrozenFigures, FrozenTable, PeriodClosure
from reports.reach import NOW, THEN
from reports.workbook import write_workbook

FOLDER = "closings"
TRIES = 3


def freeze_rows(closure):
    """The figures and tables of the closure, in place of any that a broken run left. The caller has a transaction."""
    figures, tables = _figures(closure), _tables(closure)
    FrozenFigures.objects.filter(closure=closure).delete()
    FrozenTable.objects.filter(closure=closure).delete()
    FrozenFigures.objects.bulk_create(figures, batch_size=500)
    FrozenTable.objects.bulk_create(tables, batch_size=100)


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


def _figures(closure):
    rows = [FrozenFigures(closure=closure, unit_id=pk, boundaries=THEN, values=words)
            for pk, words in branch_figures(closure, closure.as_of).items()]  # fmt: skip
    if NOW in boundaries_of(closure):
        words = live_figures(closure.unit, Period.parse(closure.period), NOW, closure.as_of)
        rows.append(FrozenFigures(closure=closure, unit_id=closure.unit_id, boundaries=NOW, values=words))
    return rows


def _tables(closure):
    return [
        FrozenTable(closure=closure, code=code, boundaries=boundaries, content=dump(table))
        for code, boundaries, table in live_tables(closure, closure.as_of)
    ]


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
