"""Flag and tell about what is newly overdue: meetings not held, opinions not settled."""

import json
from datetime import date

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from feedback import jobs as opinions
from meetings import jobs as meetings


class Command(BaseCommand):
    help = "Flag what is newly overdue and write the notices. Running it again flags nothing."

    def add_arguments(self, parser):
        parser.add_argument("--today", help="the day to judge by, e.g. 2026-11-06 (default: today)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, today=None, **options):
        today = _day(today) if today else timezone.localdate()
        counts = {"meetings": meetings.flag_overdue(today), "opinions": opinions.flag_overdue(today)}
        words = "Mới đánh dấu quá hạn: {meetings} hội nghị, {opinions} ý kiến.".format(**counts)
        self.stdout.write(json.dumps(counts) if options["json"] else words)


def _day(word):
    try:
        return date.fromisoformat(str(word))
    except ValueError as error:
        raise CommandError(f"Ngày “{word}” không đọc được. Nhập dạng 2026-11-06.") from error
