"""The settings of the test suite: the product's own, on throw-away folders, on one fixed day, with a quick hasher."""

import atexit
import os
import shutil
import tempfile
import time as machine
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

# The product reads the clock through Django's `timezone` only (tests/test_architecture.py), so all tests live on the
# morning of this day, whatever the machine's calendar says; the minutes go on, so that later rows are later.
FROZEN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
_began = machine.monotonic()
timezone.now = lambda: FROZEN + timedelta(seconds=machine.monotonic() - _began)

_folder = Path(tempfile.mkdtemp(prefix="giaoban-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["GIAOBAN_VAR"] = str(_folder)
os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-giaoban")

from giaoban.settings import *  # noqa: E402, F403

DEBUG = False
EMBEDDED = True  # on PostgreSQL too the suite is a workstation, not a server
HTTPS = SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
STATIC_ROOT = _folder / "static"
STATIC_ROOT.mkdir()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
DIGEST_AT = time.min
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
