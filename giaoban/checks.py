"""Wrong deployments are told at start, with an id and a hint (`manage.py check`, `check --deploy`)."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import Error, Tags, Warning, register
from django.db import DatabaseError, connection

from giaoban.environment import LOOPBACK


@register(Tags.database)
def check_sqlite(app_configs=None, databases=None, **kwargs):
    """Without these settings concurrent writers lose their work to "database is locked"."""
    if not databases or connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        journal = cursor.execute("PRAGMA journal_mode").fetchone()[0]
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        foreign_keys = cursor.execute("PRAGMA foreign_keys").fetchone()[0]
    wrong = []
    if journal not in ("wal", "memory") or synchronous < 2 or not foreign_keys:
        hint = "Keep journal_mode=WAL, synchronous=FULL and foreign_keys=ON in settings.DATABASES."
        wrong.append(Error("SQLite does not run with its safe settings.", hint=hint, id="giaoban.E001"))
    if settings.DATABASES["default"].get("OPTIONS", {}).get("transaction_mode") != "IMMEDIATE":
        hint = 'Keep "transaction_mode": "IMMEDIATE" in settings.DATABASES.'
        wrong.append(Error("SQLite transactions begin without their write lock.", hint=hint, id="giaoban.E002"))
    return wrong


@register(Tags.security, deploy=True)
def check_sample_accounts(app_configs=None, **kwargs):
    """Sample accounts have passwords that everybody knows; they do not belong on a server."""
    if settings.EMBEDDED:
        return []
    try:
        count = get_user_model().objects.filter(is_sample=True).count()
    except DatabaseError:
        return []
    if not count:
        return []
    hint = "Delete them, or start from an empty database, before real people use this server."
    return [Warning(f"{count} sample accounts exist.", hint=hint, id="giaoban.W001")]


@register(Tags.security, deploy=True)
def check_wire(app_configs=None, **kwargs):
    """Names and opinions must not cross a network in clear."""
    if settings.HTTPS or settings.HOST in LOOPBACK:
        return []
    hint = "Put a proxy with TLS in front, set HTTPS=on and TRUSTED_PROXIES=1."
    return [Warning(f"HOST={settings.HOST} is reachable by others without HTTPS.", hint=hint, id="giaoban.W002")]
