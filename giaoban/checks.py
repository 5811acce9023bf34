"""Wrong deployments are told at start, with an id and a hint (`manage.py check`, `check --deploy`)."""

import os
from pathlib import Path

import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.storage import staticfiles_storage
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


@register(Tags.security, deploy=True)
def check_static_files(app_configs=None, **kwargs):
    """Without them every page is an error, while everything else looks well."""
    if settings.EMBEDDED or are_static_files_collected():
        return []
    hint = "Run: manage.py collectstatic --no-input, and let the account of the service read STATIC_ROOT."
    return [Error("Static files are not collected, or this account cannot read them.", hint=hint, id="giaoban.E003")]


def are_static_files_collected():
    """Does the manifest stand, and can this account read it? A storage without a manifest needs none."""
    name = getattr(staticfiles_storage, "manifest_name", None)
    return name is None or os.access(Path(settings.STATIC_ROOT) / name, os.R_OK)


@register(Tags.security, deploy=True)
def check_database(app_configs=None, **kwargs):
    """One sentence of the database's own instead of a traceback at the first page."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        words = (str(error).strip() or type(error).__name__).splitlines()[0]
        hint = "Is the server running, and do the name, account and password of DATABASE_URL exist there?"
        return [Error(f"The database does not answer: {words}", hint=hint, id="giaoban.E004")]
    return []


@register(Tags.security, deploy=True)
def check_broker(app_configs=None, **kwargs):
    """Without the broker, background work waits for the sweeper and then for ever."""
    if not settings.REDIS_URL:
        return []
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as broker:
            broker.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        words = (str(error).strip() or type(error).__name__).splitlines()[0]
        hint = "Is Redis running, and does REDIS_URL name it as redis://host:6379/0?"
        return [Error(f"Redis does not answer: {words}", hint=hint, id="giaoban.E005")]
    return []
