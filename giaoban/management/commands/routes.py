"""Print the policy of every URL: path, name, methods, whether one must sign in, and the roles."""

import json
import re

from django.core.management import BaseCommand
from django.urls import URLPattern, get_resolver


class Command(BaseCommand):
    help = "Print every URL as one JSON list."

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="accepted for uniformity; the output is always JSON")

    def handle(self, **options):
        self.stdout.write(json.dumps(list_routes(), ensure_ascii=False, indent=1))


def list_routes():
    """Every URL with its policy; a view without one shows up with `methods` and `roles` empty."""
    return [_describe(path, pattern) for path, pattern in _walk("/", get_resolver().url_patterns)]


def _walk(prefix, patterns):
    for pattern in patterns:
        path = prefix + re.sub(r"^\^|\$$|\\Z$", "", str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield path, pattern
        else:
            yield from _walk(path, pattern.url_patterns)


def _describe(path, pattern):
    view = pattern.callback
    reason = getattr(view, "public_reason", "")
    return {
        "path": path,
        "name": pattern.name,
        "methods": list(getattr(view, "methods", ())),
        "login": not reason,
        "roles": list(getattr(view, "roles", ())),
        "reason": reason,
    }
