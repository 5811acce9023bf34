"""Load or refresh the dated administrative units."""

import json
from datetime import date

from django.core.management.base import BaseCommand

from core.activity import record_system
from units.loading import DATA, load_units


class Command(BaseCommand):
    help = "Load or refresh the dated administrative units; with --until, the tree of that day stays in force."

    def add_arguments(self, parser):
        parser.add_argument("--dir", default=str(DATA))
        parser.add_argument("--until", type=date.fromisoformat, help="a day, YYYY-MM-DD")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args, **options):
        counts = load_units(options["dir"], options["until"])
        record_system("units.load", after=counts)
        if options["json"]:
            self.stdout.write(json.dumps(counts))
        else:
            self.stdout.write("Đã nạp {units} đơn vị, {versions} phiên bản, {successions} liên kết.".format(**counts))
