"""The statistics of a unit and period as one JSON object."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.periods import Period
from reports.figures import figures
from reports.reach import BOUNDARIES, NOW, THEN
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "The statistics of a unit and period: one flat JSON object of the words of data-measure."

    def add_arguments(self, parser):
        parser.add_argument("--unit", required=True, help="key (province-22-20140101) or bare code (province-22)")
        parser.add_argument("--period", required=True, help="2016, 2016-Q1, 2016-03 or 2013..2015")
        parser.add_argument("--boundaries", choices=list(BOUNDARIES), default=THEN)
        parser.add_argument("--json", action="store_true", help="accepted for uniformity; the answer is always JSON")

    def handle(self, *args, **options):
        today = timezone.localdate()
        try:
            period = Period.parse(options["period"])
            unit = unit_by_key(options["unit"], None if options["boundaries"] == NOW else period, today)
            answer = figures(unit, period, options["boundaries"], today)
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(json.dumps(answer))
