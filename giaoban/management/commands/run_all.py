"""Everything behind `make run`: web server, worker and schedule, started, watched and stopped together."""

import json
import socket
import sys
from datetime import date

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connections

from giaoban.checks import are_static_files_collected
from giaoban.supervisor import Supervisor

WORLDS = {"four-level": {"until": date(2025, 6, 30)}, "reform": {}}
ACCESS_LINE = "%(h)s %(m)s %(U)s %(s)s %(M)sms"  # the path without its query: people search for names


class Command(BaseCommand):
    help = "Serve the application with its worker and schedule until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--prepare", action="store_true", help="migrate, load units and demo on first start")
        parser.add_argument("--world", choices=sorted(WORLDS), default="four-level", help="the demo of a first start")

    def handle(self, *, prepare, world, **options):
        self._refuse_busy_port()
        if prepare:
            self._prepare(world)
        elif not settings.DEBUG and not are_static_files_collected():
            self._collect()
        connections.close_all()
        self.is_announced = False
        Supervisor(commands()).run(on_tick=self._announce)
        self.stdout.write("Đã dừng.")

    def _prepare(self, world):
        self._step("Chuẩn bị cơ sở dữ liệu", "migrate", verbosity=0, interactive=False)
        if not settings.EMBEDDED:
            self.stdout.write("Đây là máy chủ thật: không dựng dữ liệu minh họa. Tạo tài khoản bằng create_account.")
        elif not get_user_model().objects.exists():
            self._step("Nạp danh mục đơn vị", "load_units", **WORLDS[world])
            self._step("Dựng dữ liệu minh họa", "seed_demo", world=world)
        self._collect()

    def _collect(self):
        try:
            self._step("Gom tệp tĩnh", "collectstatic", verbosity=0, interactive=False)
        except OSError as error:
            raise CommandError(
                f"Không ghi được tệp tĩnh vào {settings.STATIC_ROOT} ({error.strerror}). "
                "Chạy collectstatic bằng tài khoản sở hữu thư mục đó."
            ) from error

    def _step(self, title, command, **options):
        self.stdout.write(f"{title} …")
        self.stdout.flush()
        call_command(command, **options)

    def _refuse_busy_port(self):
        with socket.socket(_family()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, settings.PORT))
            except OSError as error:
                where = f"{settings.HOST}:{settings.PORT} ({error.strerror})"
                raise CommandError(f"Không mở được cổng {where}. Chọn cổng khác, ví dụ PORT=8001.") from error

    def _announce(self):
        """Once the first page can be asked for, say where it is and who may sign in."""
        if self.is_announced or not _answers():
            return
        self.is_announced = True
        self.stdout.write(f"\nGiao ban cơ sở: http://{_address()}/   (Ctrl-C để dừng)\n")
        accounts = _demo_accounts()
        if accounts:
            self.stdout.write("Tài khoản minh họa:\n")
            for account in accounts:
                self.stdout.write("  {username:<26} {password:<20} {role:<16} {unit_name}".format(**account))
            self.stdout.write(f"Danh sách đầy đủ: {settings.VAR / 'demo-accounts.json'}\n")
        self.stdout.flush()


def commands():
    """The three processes; the schedule is apart because a schedule inside the worker outlives it."""
    as_root = "ignore:You're running the worker with superuser"  # a trial as root needs no page of warnings
    celery = [sys.executable, "-W", as_root, "-m", "celery", "-q", "-A", "giaoban"]
    server = [sys.executable, "-m", "gunicorn", "giaoban.wsgi", "--bind", _address(), "--workers", "1"]
    return {
        "web": [
            *server,
            *("--worker-class", "gthread", "--threads", "8", "--timeout", "120", "--graceful-timeout", "8"),
            *("--log-level", "warning", "--access-logformat", ACCESS_LINE, "--no-control-socket"),
            *("--logger-class", "giaoban.access_log.MaskedLogger"),
        ],
        "worker": [
            *(*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "WARNING"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "schedule": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


def _family():
    return socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET


def _address():
    host = f"[{settings.HOST}]" if ":" in settings.HOST else settings.HOST
    return f"{host}:{settings.PORT}"


def _answers():
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104
    with socket.socket(_family()) as probe:
        probe.settimeout(0.3)
        return probe.connect_ex((host, settings.PORT)) == 0


def _demo_accounts():
    """The first account of each role."""
    path = settings.VAR / "demo-accounts.json"
    accounts = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    by_role = {}
    for account in accounts:
        by_role.setdefault(account["role"], account)
    return list(by_role.values())
