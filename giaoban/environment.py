"""What the settings need from the environment: words read strictly, and the secret of a first start."""

import os
import secrets
from datetime import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

YES = {"1", "true", "yes", "on"}
NO = {"0", "false", "no", "off", ""}
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
