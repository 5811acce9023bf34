"""Settings, read from the environment (docs/operations.md lists the words). No secret has a default here."""

import os
from datetime import timedelta
from pathlib import Path

import environ

from giaoban.environment import (
    LOOPBACK,
    keep_folders,
    read_bool,
    read_count,
    read_database,
    read_env_file,
    read_hour,
    read_secret_key,
)

BASE_DIR = Path(__file__).resolve().parent.parent
read_env_file(BASE_DIR / ".env")
env = environ.Env()

# Where this instance lives
DEBUG = read_bool("DEBUG")
HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = read_count("PORT", 8000)
HTTPS = read_bool("HTTPS")
TRUSTED_PROXIES = read_count("TRUSTED_PROXIES", 0)
DATABASE_URL = os.environ.get("DATABASE_URL", "")
REDIS_URL = os.environ.get("REDIS_URL", "")
EMBEDDED = not DATABASE_URL and not REDIS_URL and HOST in LOOPBACK

VAR = (BASE_DIR / (os.environ.get("GIAOBAN_VAR") or "var")).resolve()
FILES = VAR / "files"
QUEUE = VAR / "queue"
keep_folders(VAR, FILES, QUEUE / "messages", QUEUE / "control")

SECRET_KEY = read_secret_key(VAR, may_make=DEBUG or EMBEDDED)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=sorted((LOOPBACK | {HOST}) - {"::1", "::", "0.0.0.0"}))  # noqa: S104

# What it is made of
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "crispy_forms",
    "crispy_bootstrap5",
    "axes",
    "core",
    "units",
    "people",
    "journal",
    "meetings",
    "feedback",
    "proceedings",
    "papers",
    "visits",
    "reports",
    "giaoban",
    "tools",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.AnswerHeaders",
    "giaoban.health.LocalProbe",
    "core.middleware.RequestLimits",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.DraftsDone",
    "core.middleware.KeptFiles",
    "core.middleware.Refusals",
    "people.middleware.PasswordFirst",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "giaoban.urls"
WSGI_APPLICATION = "giaoban.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["core.loaders.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": ["crispy_forms.templatetags.crispy_forms_tags"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "giaoban.context.frame",
            ],
        },
    }
]

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# Data
DATABASES = {"default": read_database(DATABASE_URL or f"sqlite:///{VAR}/giaoban.sqlite3")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Without all of these, concurrent writers lose to "database is locked" (checks.py watches over them).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Language and time
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt")]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["core.formats"]

# Accounts
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "core.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "core.passwords.ProductWordValidator"},
]
LOGIN_URL = "/dang-nhap/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/dang-nhap/"
PASSWORD_RESET_TIMEOUT = 3600
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "core.middleware.client_address"
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_VERBOSE = False

# Sessions: 12 hours at most, 30 minutes without a person's act (core.middleware.SessionLimits)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 30 * 60
SESSION_COOKIE_NAME = "giaoban_session"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "giaoban_csrf"
CSRF_COOKIE_HTTPONLY = True

# On the wire
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = FILES
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {  # collected by one account, read by another: FILE_UPLOAD_PERMISSIONS is for uploads only
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
WHITENOISE_USE_FINDERS = DEBUG
UPLOAD_LIMIT = 20 * 1024 * 1024
UNIT_FILES_LIMIT = read_count("UNIT_FILES_GB", 5) * 1024**3
REQUEST_LIMIT = UPLOAD_LIMIT + 4 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 40_000
FILE_UPLOAD_PERMISSIONS = 0o600

# Mail: none unless asked for; notices stay in the application
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="giaoban@localhost")
if os.environ.get("EMAIL_URL"):
    vars().update(env.email_url("EMAIL_URL"))
DIGEST_AT = read_hour("DIGEST_AT", "06:45")

# Background work: the Job row is the truth, the broker only a bell (giaoban/celery.py holds the schedule)
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"socket_timeout": 1.5, "socket_connect_timeout": 1.5, "max_retries": 0, "visibility_timeout": 3600}
    if REDIS_URL
    else {
        "data_folder_in": str(QUEUE / "messages"),
        "data_folder_out": str(QUEUE / "messages"),
        "control_folder": str(QUEUE / "control"),
        "store_processed": False,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "giaoban"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = 2
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULER = "giaoban.periodic:SlotScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(QUEUE / "schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = 5

# Logs: what happened, never what was written in it
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "core.logs.LineFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        "axes": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
