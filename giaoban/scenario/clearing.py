"""Does a database hold data, and emptying it. New tables of the domain count by themselves."""

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction

from core.models import Job
from core.sealing import empty_log
from feedback.models import DueRule, Topic
from meetings.models import MeetingFile
from units.models import Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion

DOMAIN = ("units", "people", "journal", "meetings", "feedback", "visits", "reports")
UNITS = {Unit, UnitVersion, UnitSuccession, UnitLineage, UnitHeritage}
CODE_LISTS = {Topic, DueRule}
SIGNED_IN = ("sessions", "axes")
DEMO_ACCOUNTS = "demo-accounts.json"


def holds_data():
    """Is there anything of the domain besides units and code lists?"""
    return any(model._base_manager.exists() for model in _models(DOMAIN) if model not in UNITS | CODE_LISTS)


def empty_units():
    """Where nothing else refers to the units: they make room for those of a file."""
    _empty(_models(DOMAIN))


@transaction.atomic
def empty_database():
    """Everything of the domain but the code lists goes: units, people, accounts, facts, files, sessions and the log.

    Returns the last digest of the activity log, for its first new line. Files go when the transaction is through.
    """
    files = [path for path in MeetingFile.objects.values_list("path", flat=True) if path]
    files += [path for path in Job.objects.values_list("file", flat=True) if path]
    transaction.on_commit(lambda: _delete_files(files))
    _empty([Job, *_models(DOMAIN), *_models(SIGNED_IN)])
    return empty_log()


def _models(labels):
    return [model for label in labels for model in apps.get_app_config(label).get_models(include_auto_created=True)]


def _empty(models):
    """Whole tables at once; of the code lists only the due rules of single provinces go with their province."""
    everywhere = list(DueRule.objects.filter(province=None))
    if connection.vendor == "postgresql":
        connection.check_constraints()  # TRUNCATE waits for no pending check
    tables = [model._meta.db_table for model in models if model is not Topic]
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables))
    DueRule.objects.bulk_create(everywhere)


def _delete_files(paths):
    for path in paths:
        (settings.FILES / path).unlink(missing_ok=True)
    (settings.VAR / DEMO_ACCOUNTS).unlink(missing_ok=True)
