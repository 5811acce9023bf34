"""Remind of opinions near their day, and lay those long past it before the level above."""

import json
from datetime import date

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from feedback.jobs import escalate_overdue


class Command(BaseCommand):
    help = "Send each due reminder once. Running it again sends nothing."

    def add_arguments(self, parser):
        parser.add_argument("--today", help="the day to judge by, e.g. 2026-11-06 (default: today)")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, today=None, **options):
        try:
            day = date.fromisoformat(today) if today else timezone.localdate()
        except ValueError as error:
            raise CommandError(f"Ngày “{today}” không đọc được. Nhập dạng 2026-11-06.") from error
        count = escalate_overdue(day)
        self.stdout.write(json.dumps({"opinions": count}) if options["json"] else f"Đã nhắc {count} ý kiến.")
