"""Village posts and people from an Excel file: the whole file or nothing."""

import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from core.files import whole_file
from intake.books import read_sheets
from intake.submissions import add_answers, answered, refused, told
from people.access import SYSTEM
from people.roster.reading import read_drafts
from people.roster.services import apply_roster, check_unit, plan_drafts, report_of, write_roster_form
from units.reads import unit_by_key


class Command(BaseCommand):
    help = "Import village posts and people from an .xlsx file; --template writes the blank file with its guide."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", help="the .xlsx file to import")
        parser.add_argument("--unit", help="key (commune-06652-20140101) or bare code (commune-06652)")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, write nothing")
        parser.add_argument("--template", metavar="FILE", help="write the blank file there and stop")
        add_answers(parser)
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options):
        today = timezone.localdate()
        try:
            unit = unit_by_key(options["unit"], today=today) if options["unit"] else None
            if options["template"]:
                self._template(options["template"], unit, today, options["json"])
            else:
                self._import(unit, today, options)
        except DomainError as error:
            raise CommandError(error.message) from error
        except OSError as error:
            raise CommandError(f"Không đọc hoặc ghi được tệp: {error.strerror}.") from error

    def _template(self, path, unit, today, as_json):
        with whole_file(path) as file:
            write_roster_form(file, unit, today)
        self.stdout.write(json.dumps({"file": path}) if as_json else f"Đã ghi tệp mẫu {path}.")

    def _import(self, unit, today, options):
        if not options["file"] or unit is None:
            raise CommandError("Cần tệp và đơn vị: import_roster TỆP.xlsx --unit commune-06652, hoặc --template TỆP.")
        check_unit(SYSTEM, unit, today)
        drafts = read_drafts(read_sheets(options["file"]))
        plan = plan_drafts(drafts, actor=SYSTEM, unit=unit, today=today)
        accepted = answered(plan.questions, options)
        refusal = "" if options["dry_run"] else refused(plan.questions, accepted)
        is_written = not (plan.faults or options["dry_run"] or refusal)
        if is_written:
            plan = apply_roster(drafts, actor=SYSTEM, unit=unit, today=today, accepted=accepted)
        report = report_of(plan) | {"unit": unit.key, "dry_run": options["dry_run"], "applied": is_written}
        self._tell(report, options["json"])
        if plan.faults:
            raise CommandError(f"Tệp có {len(plan.faults)} lỗi; chưa ghi gì. Sửa các dòng nêu trên rồi chạy lại.")
        if refusal:
            raise CommandError(refusal)

    def _tell(self, report, as_json):
        if as_json:
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for row in report["rows"]:
            if row["act"] != "fault":
                who = ", ".join(filter(None, [row["name"], row["position"], row["village"]]))
                self.stderr.write(f"Dòng {row['line']}: {row['label']} – {who}. {row['words']}")
        for line in told(report):
            self.stderr.write(line)
        changes, rows = report["changes"], len(report["rows"])
        done = f"Đã ghi {changes} thay đổi" if report["applied"] else f"Sẽ ghi {changes} thay đổi; chưa ghi gì"
        self.stdout.write(f"{done} ({rows} dòng, {len(report['faults'])} lỗi).")
