"""Closing a period from the server: its figures, tables and (of a year) its workbook are frozen."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.periods import Period
from people.access import SYSTEM
from reports.closing.reads import alive, missing_below
from reports.closing.rules import half_closed_words
from reports.closing.services import close_period
from reports.workbook.freezing import freeze_year
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "Freeze the figures of a period (2016, 2016-Q1, 2016-03). Closed already: the same closure again."

    def add_arguments(self, parser):
        parser.add_argument("period", help="2016, 2016-Q1 or 2016-03")
        parser.add_argument("--unit", required=True, help="key (province-22-20140101) or bare code (province-22)")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args, **options):
        now = timezone.now()
        try:
            period = Period.parse(options["period"])
            unit = unit_by_key(options["unit"], period, timezone.localdate())
            missing = [] if alive(unit, period) else missing_below(unit, period)
            closure = close_period(unit, period, actor=SYSTEM, today=timezone.localdate(), now=now)
            if period.kind == "year":
                closure = freeze_year(closure.pk, now=now)
        except DomainError as error:
            raise CommandError(error.message) from error
        if missing:
            self.stderr.write(f"Kỳ mới khóa một phần: {half_closed_words(missing)}.")
        self._answer(closure, options["json"])

    def _answer(self, closure, as_json):
        found = {
            "closure": closure.pk,
            "unit": closure.unit.key,
            "period": closure.period,
            "state": closure.state,
            "as_of": closure.as_of.isoformat(),
            "units": closure.figures.values("unit").distinct().count(),
            "tables": closure.tables.count(),
            "workbook_sha256": closure.workbook_sha256,
        }
        words = (
            f"Đã khóa số liệu {closure.unit.name}, {Period.parse(closure.period).label_inside}: "
            f"{found['units']} đơn vị, {found['tables']} biểu. {closure.workbook_sha256}"
        )
        self.stdout.write(json.dumps(found, ensure_ascii=False) if as_json else words.strip())
