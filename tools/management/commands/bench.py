"""The performance report."""

import json
import tempfile
import warnings

from django.core.management.base import BaseCommand
from django.utils import timezone

from tools.bench.databases import kinds
from tools.bench.files import grow
from tools.bench.report import BenchSize, measured

HEAD = f"{'Việc':<52}{'giới hạn':>12}{'của ta':>12}{'tỷ số':>9}{'mục tiêu':>11}  "


class Command(BaseCommand):
    help = "Measure pages, jobs and the workbook on databases of its own, as ratios; status 1 when a goal is missed."

    def add_arguments(self, parser):
        parser.add_argument("--districts", type=int, default=BenchSize.districts)
        parser.add_argument("--communes", type=int, default=BenchSize.communes)
        parser.add_argument("--years", type=int, default=BenchSize.years)
        parser.add_argument("--rounds", type=int, default=BenchSize.rounds)
        parser.add_argument("--share", type=float, default=BenchSize.share, help="of the rows of the workbook")
        parser.add_argument("--grow", type=int, help="print how much memory writing so many years of rows takes")

    def handle(self, **options):
        if times := options["grow"]:
            self.stdout.write(json.dumps({"mib": grow(times)}))
            return
        size = BenchSize(**{name: options[name] for name in ("districts", "communes", "years", "rounds", "share")})
        lines = []
        self.stdout.write(HEAD)
        warnings.filterwarnings("ignore", message="No directory at")
        with tempfile.TemporaryDirectory(prefix="giaoban-bench-") as folder:
            for where, line in measured(size, timezone.localdate(), self._tell, kinds(folder)):
                lines.append(line)
                self._print(line, where)
        failed = sum(not line.passed for line in lines)
        self.stdout.write(f"{len(lines) - failed} passed, {failed} failed")
        if failed:
            raise SystemExit(1)

    def _tell(self, words):
        self.stdout.write(f"# {words}")

    def _print(self, line, where):
        name = f"{where} {line.operation}".strip()
        verdict = "đạt" if line.passed else "KHÔNG ĐẠT"
        self.stdout.write(f"{name:<52}{line.limit:>12}{line.ours:>12}{line.ratio:>9}{line.goal:>11}  {verdict}")
        self.stdout.flush()
