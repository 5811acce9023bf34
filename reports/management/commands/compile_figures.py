"""The nightly compilation of figures, in the foreground."""

import json

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from reports.compiling import compile_figures

WORDS = {
    "compiled": "province-years compiled",
    "units": "units with figures in them",
    "drift": "tally rows found wrong and mended",
    "unchanged": "province-years left alone",
    "failed": "province-years that failed (see the log)",
}


class Command(BaseCommand):
    help = "Check the monthly tallies and compile yearly figures of every unit; only what changed, unless --full."

    def add_arguments(self, parser):
        parser.add_argument("--full", action="store_true", help="compile every province and year anew")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, full, **options):
        now = timezone.now()
        counts = compile_figures(timezone.localdate(now), now, full=full)
        lines = [f"{counts[word]} {label}" for word, label in WORDS.items()]
        self.stdout.write(json.dumps(counts) if options["json"] else "\n".join(lines))
        if counts["failed"]:
            raise CommandError(f"{counts['failed']} province-years were not compiled (see the log)")
