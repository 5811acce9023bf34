"""Bulk data of benchmark size."""

import json
import time

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.activity import record_system
from giaoban.scenario.writing import holds_data
from tools.bench.load import fill
from tools.demo.seeding import LAST_FOUR_LEVEL_DAY
from units.enums import Level
from units.loading import load_units
from units.models import Unit

PROVINCE_CODE = "22"


class Command(BaseCommand):
    help = "Fill an empty database with years of made-up meetings and opinions, for measuring; never a real one."

    def add_arguments(self, parser):
        size = parser.add_mutually_exclusive_group(required=True)
        size.add_argument("--province-years", type=int, metavar="N", help="one province (code 22), N years up to today")
        size.add_argument("--national-years", type=int, metavar="N", help="every province of the loaded units")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *, province_years, national_years, seed, **options):
        years = province_years if province_years is not None else national_years
        if not 1 <= years <= 50 or not 0 <= seed <= 1_000_000:
            raise CommandError("Số năm từ 1 đến 50, --seed từ 0 đến 1000000.")
        if holds_data():
            raise CommandError("Cơ sở dữ liệu đã có dữ liệu. Dùng thư mục GIAOBAN_VAR hoặc cơ sở dữ liệu trống.")
        if not Unit.objects.exists():
            if national_years is not None:
                raise CommandError("Chưa có danh mục đơn vị. Chạy load_units trước.")
            load_units(until=LAST_FOUR_LEVEL_DAY)
        today, began = timezone.localdate(), time.monotonic()
        provinces = Unit.objects.filter(level=Level.PROVINCE).on(today)
        provinces = list(provinces.filter(code=PROVINCE_CODE) if province_years is not None else provinces)
        if not provinces:
            raise CommandError(f"Danh mục đơn vị không có tỉnh mã {PROVINCE_CODE}.")
        tell = (lambda words: None) if options["json"] else (lambda words: self.stdout.write(f"… {words}"))
        counts = fill(provinces, years, today, seed, tell)
        record_system("load.make", {"provinces": len(provinces), "years": years, "seed": seed})
        self._answer(options, counts, time.monotonic() - began)

    def _answer(self, options, counts, seconds):
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        for word, count in counts.items():
            self.stdout.write(f"{word:<16}{count:>12}")
        self.stdout.write(f"Xong sau {seconds:.0f} giây.")
