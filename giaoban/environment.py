"""What the settings need from the environment: words read strictly, and the secret of a first start."""

import os
import secrets
from datetime import time
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}
SCHEMES = {"postgres", "postgresql", "psql", "sqlite"}
LOOPBACK = {"127.0.0.1", "localhost", "::1", "[::1]"}


def read_bool(name, default=False):
    """Yes or no; any other word is refused instead of being taken for a no."""
    word = os.environ.get(name)
    if word is None:
        return default
    if word.strip().lower() in YES:
        return True
    if word.strip().lower() in NO:
        return False
    raise ImproperlyConfigured(f"{name}={word!r} is not understood. Write {name}=on or {name}=off.")


def read_count(name, default):
    """A whole number from 0 up."""
    word = os.environ.get(name) or str(default)
    if not (word.isascii() and word.isdigit()):
        raise ImproperlyConfigured(f"{name}={word!r} is not a whole number. Write for example {name}={default}.")
    return int(word)


def read_hour(name, default):
    """A time of day, as 06:45."""
    word = os.environ.get(name) or default
    try:
        return time.fromisoformat(word)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={word!r} is not a time of day. Write for example {name}=06:45.") from None


def read_env_file(path):
    """The words of the file `.env`, when there is one."""
    try:
        if path.exists():
            environ.Env.read_env(path.open(encoding="utf-8"))
    except OSError as error:
        raise ImproperlyConfigured(f"{path} cannot be read ({error.strerror}). Give it to this account.") from None


def read_database(url):
    """SQLite or PostgreSQL from its address; the address is not repeated, it may hold a password."""
    scheme = url.partition("://")[0] if "://" in url else ""
    if scheme not in SCHEMES:
        raise ImproperlyConfigured(
            "DATABASE_URL is not understood. Write postgres://user:password@host:5432/name, or leave it unset "
            "for SQLite."
        )
    try:
        return environ.Env.db_url_config(url)
    except (ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            "DATABASE_URL is not a valid address. Encode special signs of the password."
        ) from None


def keep_folders(*folders):
    """Make what is missing; a folder of another account is told in one sentence."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            words = f"GIAOBAN_VAR: {folder} cannot be made ({error.strerror}). Give the folder to this account."
            raise ImproperlyConfigured(words) from None
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            words = f"GIAOBAN_VAR: {folder} cannot be read and written. Give the folder to this account."
            raise ImproperlyConfigured(words)


def read_secret_key(var, may_make):
    """SECRET_KEY, or on a workstation the one kept in `var`, made once and readable by its owner only."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if not may_make:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With DATABASE_URL, REDIS_URL or a HOST that others can reach, set SECRET_KEY to "
            'a long random word, e.g. the output of: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return _kept_secret(Path(var) / "secret_key")


def _kept_secret(path):
    """Two processes may start at once: whoever links its file first has made the key of both."""
    if not path.exists():
        draft = path.with_name(f"secret_key.{os.getpid()}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)
        except FileExistsError:
            return path.read_text()
        finally:
            draft.unlink()
    return path.read_text()
