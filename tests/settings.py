"""The settings of the test suite: the product's own, on throw-away folders, with a quick password hasher."""

import atexit
import os
import shutil
import tempfile
from datetime import time
from pathlib import Path

_folder = Path(tempfile.mkdtemp(prefix="giaoban-test-"))
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.environ["GIAOBAN_VAR"] = str(_folder)
os.environ.setdefault("SECRET_KEY", "only-for-tests-0123456789-abcdefghijklmnopqrstuvwxyz-giaoban")

from giaoban.settings import *  # noqa: E402, F403

DEBUG = False
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
