"""Mend stored text as `clean_text` mends it at the door today: Ð becomes Đ, soft hyphens and zero-width signs go.

What came in before the door was closed is found by search no more ('Ðức' beside 'Đức'). Rows are found by the database
and written in batches, one transaction for each table; a second run finds nothing. The log, papers that were issued,
closed figures and files stay as they are.
"""

import json

from django.apps import apps
from django.core.management.base import BaseCommand
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from core.activity import record_system
from core.display import group_digits
from core.text import UNCLEAN, clean_text, fold, person_sort_key

ROOMS = ("units", "people", "journal", "meetings", "feedback", "visits")
LEFT = {"IssuedPaper", "MeetingFile", "OpinionFile", "RosterImport", "LedgerImport", "CalendarFeed", "InvitationMail"}
"""What was issued, sent or brought in stays as it was."""
LEFT_FIELDS = {
    "key",
    "code",
    "request_id",
    "source_key",
    "username",
    "password",
    "url",
    "query",
    "search_text",
    "sort_key",
}
BATCH = 500


class Command(BaseCommand):
    help = "Mend letters that only look Vietnamese and invisible signs in stored text; safe to repeat."

    def add_arguments(self, parser):
        parser.add_argument("--dry-run", action="store_true", help="count, write nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args, **options):
        found, stuck = {}, []
        for model in _models():
            rows = _unclean(model)
            count = rows.count() if options["dry_run"] else _mend(model, rows, stuck)
            if count:
                found[model._meta.label] = count
        total = sum(found.values())
        if total and not options["dry_run"]:
            record_system("stored_text.clean", {"rows": total, **found})
        if options["json"]:
            self.stdout.write(json.dumps({"rows": total, "tables": found, "stuck": stuck}, ensure_ascii=False))
            return
        for label, count in found.items():
            self.stdout.write(f"  {label}: {group_digits(count)}")
        for label in stuck:
            self.stdout.write(f"  Không sửa được vì trùng với một dòng đã có: {label}")
        word = "Sẽ sửa" if options["dry_run"] else "Đã sửa"
        self.stdout.write(f"{word} {group_digits(total)} dòng có chữ Ð, ð hoặc ký tự ẩn.")


def _models():
    return [model for room in ROOMS for model in apps.get_app_config(room).get_models() if model.__name__ not in LEFT]


def _fields(model):
    """Names of what people typed; `search_text` and `sort_key` follow from it."""
    texts = [field for field in model._meta.concrete_fields if isinstance(field, (models.CharField, models.TextField))]
    return [field.name for field in texts if not field.choices and field.name not in LEFT_FIELDS]


def _unclean(model):
    names = {field.name for field in model._meta.concrete_fields}
    wrong = Q(pk__in=[])
    for name in [*_fields(model), *(names & {"search_text"})]:
        wrong |= Q(**{f"{name}__regex": UNCLEAN})
    return model._base_manager.filter(wrong).order_by("pk")


@transaction.atomic
def _mend(model, rows, stuck):
    names, count, last = {field.name for field in model._meta.concrete_fields}, 0, 0
    fields = [*_fields(model), *sorted(names & {"search_text", "sort_key"})]
    while batch := list(rows.filter(pk__gt=last).select_for_update()[:BATCH]):
        last = batch[-1].pk
        for row in batch:
            _clean(row, fields)
        try:
            with transaction.atomic():
                model._base_manager.bulk_update(batch, fields)
            count += len(batch)
        except IntegrityError:
            count += sum(_saved(row, fields, stuck) for row in batch)
    return count


def _clean(row, fields):
    for name in fields:
        value = getattr(row, name)
        if name == "sort_key":
            row.sort_key = person_sort_key(row.name)
        elif value:
            setattr(row, name, fold(value) if name == "search_text" else clean_text(value))


def _saved(row, fields, stuck):
    """Alone, where a batch held one that is the same as another row once it is clean."""
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError:
        stuck.append(f"{row._meta.label} {row.pk}")
        return 0
    return 1
