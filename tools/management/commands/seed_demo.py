"""The demo worlds on the real units of Quảng Ninh."""

import json

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.activity import record_system
from core.errors import DomainError
from reports.compiling import compile_figures
from tools.demo.seeding import (
    FOUR_LEVEL,
    LAST_FOUR_LEVEL_DAY,
    SEEDED,
    WORLDS,
    build_demo,
    check_empty,
    check_units,
    seeded_as,
)
from units.loading import load_units, tell_planner
from units.models import Unit

ACCOUNTS_FILE = "demo-accounts.json"


class Command(BaseCommand):
    help = "Build a demo world on the real units of Quảng Ninh; refuses a database that holds anything else."

    def add_arguments(self, parser):
        parser.add_argument("--world", choices=WORLDS, default=FOUR_LEVEL)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *, world, seed, **options):
        if not (settings.EMBEDDED or settings.DEBUG):
            raise CommandError(
                "Đây là máy chủ thật (DATABASE_URL, REDIS_URL hoặc HOST đã đặt): không dựng tài khoản minh họa, "
                "vì mật khẩu của chúng ai cũng biết."
            )
        wanted = {"world": world, "seed": seed}
        try:
            known = seeded_as(wanted)
            if not known:
                check_empty()
                check_units(world)
                self._build(world, seed)
                tell_planner()
                compile_figures(timezone.localdate(), timezone.now())
        except DomainError as error:
            raise CommandError(error.message) from error
        answer = wanted | {"created": not known}
        if options["json"]:
            self.stdout.write(json.dumps(answer))
        elif known:
            self.stdout.write("Dữ liệu minh họa này đã có; không thay đổi gì.")
        else:
            self.stdout.write(f"Đã dựng dữ liệu minh họa ({world}); tài khoản ở {settings.VAR / ACCOUNTS_FILE}.")

    @transaction.atomic
    def _build(self, world, seed):
        if not Unit.objects.exists():
            load_units(until=LAST_FOUR_LEVEL_DAY if world == FOUR_LEVEL else None)
        accounts = build_demo(world, seed, timezone.localdate())
        record_system(SEEDED, {"world": world, "seed": seed})
        accounts.write(settings.VAR / ACCOUNTS_FILE)
