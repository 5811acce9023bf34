"""The yearly workbook of a unit."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.files import whole_file
from core.periods import Period
from reports.reach import BOUNDARIES, NOW, THEN
from reports.workbook import write_workbook
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "Write the yearly workbook of a unit (restricted opinions are only counted, never shown)."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="key (province-22-20140101) or bare code (province-22)")
        parser.add_argument("--year", required=True)
        parser.add_argument("--out", required=True, help="the .xlsx file to write")
        parser.add_argument("--boundaries", choices=list(BOUNDARIES), default=THEN)
        parser.add_argument("--for-signing", action="store_true", help="the short book: cover, B1-B7, B10, charts")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args, **options):
        today, boundaries = timezone.localdate(), options["boundaries"]
        try:
            period = _year(options["year"])
            unit = unit_by_key(options["unit"], None if boundaries == NOW else period, today)
            with whole_file(options["out"]) as file:
                sheets = write_workbook(
                    file,
                    unit=unit,
                    year=period.first.year,
                    boundaries=boundaries,
                    today=today,
                    for_signing=options["for_signing"],
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"Không ghi được tệp {options['out']}: {error.strerror}.") from error
        self._answer(options, unit, period, sheets)

    def _answer(self, options, unit, period, sheets):
        size = Path(options["out"]).stat().st_size
        answer = {"file": options["out"], "unit": unit.key, "year": period.first.year, "sheets": sheets, "bytes": size}
        words = f"Đã ghi {options['out']}: {unit.name}, {period.label_inside}, {len(sheets)} trang tính."
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if options["json"] else words)


def _year(word):
    period = Period.parse(word)
    if period.kind != "year":
        raise DomainError(f"“{word}” không phải một năm. Nhập năm dạng 2016.", "year")
    return period
