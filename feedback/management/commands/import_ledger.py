"""Meetings, attendance and opinions of old years from an Excel file: the whole file or nothing."""

import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from core.display import group_digits
from core.errors import DomainError
from core.files import safe_name, whole_file
from feedback.enums import LedgerState
from feedback.ledger.applying import apply_ledger, plan_ledger
from feedback.ledger.book import read_drafts, write_ledger_form
from feedback.ledger.services import check_unit, report_of
from feedback.ledger.undoing import undo_ledger
from feedback.models import LedgerImport
from intake.books import read_sheets
from intake.submissions import add_answers, answered, refused, told
from people.access import SYSTEM
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "Import old years from an .xlsx file; --template writes the blank file, --undo takes one import back."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", help="the .xlsx file to import")
        parser.add_argument("--unit", help="key (province-22-20140101) or bare code (province-22)")
        parser.add_argument("--dry-run", action="store_true", help="say what would come in, write nothing")
        parser.add_argument("--template", metavar="FILE", help="write the blank file there and stop")
        parser.add_argument("--undo", type=int, metavar="ID", help="take back one import as a whole")
        add_answers(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options):
        today = timezone.localdate()
        try:
            unit = unit_by_key(options["unit"], today=today) if options["unit"] else None
            if options["template"]:
                self._template(options["template"], unit, today, options["json"])
            elif options["undo"] is not None:
                self._undo(options["undo"], options["json"])
            else:
                self._import(unit, today, options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"Không đọc hoặc ghi được tệp: {error.strerror}.") from error

    def _template(self, path, unit, today, as_json):
        with whole_file(path) as file:
            write_ledger_form(file, unit, today)
        self.stdout.write(json.dumps({"file": path}) if as_json else f"Đã ghi tệp mẫu {path}.")

    def _undo(self, pk, as_json):
        if not LedgerImport.objects.filter(pk=pk).exists():
            raise DomainError(f"Không có lần nhập số {pk}. Xem lại số của lần nhập.")
        undo_ledger(pk, actor=SYSTEM, now=timezone.now())
        self.stdout.write(json.dumps({"import": pk, "undone": True}) if as_json else f"Đã thu hồi lần nhập số {pk}.")

    def _import(self, unit, today, options):
        if not options["file"] or unit is None:
            raise CommandError("Cần tệp và đơn vị: import_ledger TỆP.xlsx --unit province-22, hoặc --template TỆP.")
        check_unit(SYSTEM, unit, today)
        drafts = read_drafts(read_sheets(options["file"]), today)
        plan = plan_ledger(drafts, unit)
        report, accepted = report_of(plan, drafts), answered(plan.questions, options)
        report |= {"unit": unit.key, "dry_run": options["dry_run"], "applied": False, "import": None}
        refusal = "" if report["again"] or options["dry_run"] else refused(plan.questions, accepted)
        if not (report["fault_count"] or report["again"] or options["dry_run"] or refusal):
            report["import"] = _write(unit, drafts, report, accepted, options["file"], today)
            report["applied"] = True
        self._tell(report, options["json"])
        if report["fault_count"]:
            raise CommandError(f"Tệp có {report['fault_count']} lỗi; chưa ghi gì. Sửa các dòng nêu trên rồi chạy lại.")
        if refusal:
            raise CommandError(refusal)

    def _tell(self, report, as_json):
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for line in told(report):
            self.stderr.write(line)
        what = f"{group_digits(report['meetings'])} hội nghị, {group_digits(report['opinions'])} ý kiến"
        if again := report["again"]:
            words = f"Sổ này đã nhập ngày {again['on']} (lần nhập số {again['id']}); không có gì thay đổi"
        elif report["applied"]:
            words = f"Đã ghi {what} (lần nhập số {report['import']})"
        else:
            words = f"Tệp có {what}, {report['fault_count']} lỗi; chưa ghi gì"
        self.stdout.write(f"{words}.")


@transaction.atomic
def _write(unit, drafts, report, accepted, path, today):
    """The id of the import that was written."""
    item = LedgerImport.objects.create(
        unit=unit, name=safe_name(Path(path).name), state=LedgerState.APPLYING, report=report
    )
    now = timezone.now()
    if apply_ledger(item, drafts, actor=SYSTEM, today=today, now=now, accepted=accepted) is None:
        raise DomainError("Sổ này vừa được nhập xong; không ghi thêm gì.")
    return item.pk
