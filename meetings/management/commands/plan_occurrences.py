"""Make the expected meetings up to a day."""

import json
from datetime import date

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from meetings.cadence.services import ensure_default_rules, plan_occurrences
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "Make the expected meetings of every province that has cadence rules. Running it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--until", required=True, help="last day to plan, e.g. 2026-12-31")
        parser.add_argument("--since", help="first day to plan (default: 1 January of the year in question)")
        parser.add_argument(
            "--province", metavar="KEY", help="only this province; it gets the default rules if it has none"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, until, since, province, **options):
        today, until, since = timezone.localdate(), _day(until), since and _day(since)
        made = plan_occurrences(until, today, provinces=_started(province, until), since=since)
        self.stdout.write(json.dumps({"planned": made}) if options["json"] else f"Đã lập thêm {made} kỳ giao ban.")


def _started(key, day):
    if key is None:
        return None
    try:
        unit = unit_by_key(key, today=day)
    except DomainError as error:
        raise CommandError(error.message) from error
    ensure_default_rules(unit)
    return [unit.pk]


def _day(word):
    try:
        return date.fromisoformat(str(word))
    except ValueError as error:
        raise CommandError(f"Ngày “{word}” không đọc được. Nhập dạng 2026-12-31.") from error
