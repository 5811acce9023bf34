"""A whole small world from one JSON file of the format giaoban-scenario/1."""

import json

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from giaoban.scenario.loading import load_file

WARNINGS_SHOWN = 20


class Command(BaseCommand):
    help = "Load units, accounts, people and meetings from one JSON file. Loading it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", help="a file of the format giaoban-scenario/1")
        parser.add_argument("--reset", action="store_true", help="delete everything the database holds first")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *, file, reset, **options):
        try:
            counts, warnings = load_file(file, reset=reset, today=timezone.localdate())
        except DomainError as error:
            raise CommandError(error.message) from error
        for line in warnings[:WARNINGS_SHOWN]:
            self.stderr.write(f"Lưu ý: {line}")
        words = "{units} đơn vị, {accounts} tài khoản, {people} người, {meetings} hội nghị, {opinions} ý kiến"
        sentence = "Đã nạp {}." if counts["changed"] else "Tệp này đã nạp trước đây ({}); không thay đổi gì."
        self.stdout.write(json.dumps(counts) if options["json"] else sentence.format(words.format(**counts)))
