"""An account from the command line: the first administrator of an installation is made this way."""

import getpass
import json
import sys

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from people.access import SYSTEM
from people.enums import Role
from people.models import User, as_username
from people.reads import account_with
from people.services import create_account
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "Make an account with a role at a unit; asks for the password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--unit", required=True, help="key or level-code, e.g. province-22")
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
        parser.add_argument("--json", action="store_true")

    def handle(self, *, username, role, unit, name, **options):
        username = as_username(username)
        today = timezone.localdate()
        try:
            unit = unit_by_key(unit, today=today)
            user = account_with(username, role, unit)
            made = user is None
            if made:
                self._refuse_taken(username)
                password = _read_password(options["password_stdin"])
                user = create_account(
                    actor=SYSTEM,
                    username=username,
                    password=password,
                    role=role,
                    unit=unit,
                    name=name,
                    must_change_password=False,
                    today=today,
                )
        except DomainError as error:
            raise CommandError(error.message) from error
        self._tell(user, role, unit, made, options["json"])

    def _refuse_taken(self, username):
        if User.objects.filter(username=username).exists():
            raise CommandError(
                f"Tài khoản “{username}” đã có, với vai trò hoặc đơn vị khác. "
                "Dùng tên khác, hoặc giao vai trò ở trang tài khoản."
            )

    def _tell(self, user, role, unit, made, as_json):
        if as_json:
            answer = {"username": user.username, "role": role, "unit": unit.key, "created": made}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        elif made:
            self.stdout.write(f"Đã lập tài khoản {user.username}: {Role(role).label}, {unit.name}.")
        else:
            self.stdout.write(f"Tài khoản {user.username} đã có với vai trò này ở {unit.name}; không thay đổi gì.")


def _read_password(from_stdin):
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise CommandError("Không có bàn phím để nhập mật khẩu. Thêm --password-stdin và đưa mật khẩu vào.")
    password = getpass.getpass("Mật khẩu: ")
    if password != getpass.getpass("Nhập lại mật khẩu: "):
        raise CommandError("Hai lần nhập mật khẩu khác nhau. Chạy lại lệnh và nhập cho khớp.")
    return password
