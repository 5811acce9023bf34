"""Is every part alive? Asked by the operator's watch and by load balancers, without signing in."""

import os
import shutil
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import JsonResponse
from django.utils import timezone

from core.models import Pulse
from core.routing import public
from giaoban.environment import LOOPBACK

STALE = timedelta(seconds=60)
LEAST_FREE_BYTES = 100 * 1024 * 1024


@public("the watch of the operator and of load balancers asks without an account")
def healthz(request):
    """200 when database, worker, schedule and disk are well, 503 when one is down."""
    parts = state_of_parts(timezone.now())
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


class LocalProbe:
    """A probe on the machine itself asks by an address, not under a name of ALLOWED_HOSTS."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path == "/healthz" and request.META.get("REMOTE_ADDR") in LOOPBACK:
            return healthz(request)
        return self.get_response(request)


def state_of_parts(now):
    """Each part as `ok` or `down`."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        seen = dict(Pulse.objects.values_list("name", "at"))
        database = True
    except DatabaseError:
        database, seen = False, {}
    parts = {
        "database": database,
        "worker": _is_fresh(seen.get("worker"), now),
        "schedule": _is_fresh(seen.get("schedule"), now),
        "disk": _has_room(settings.VAR),
    }
    return {name: "ok" if well else "down" for name, well in parts.items()}


def _is_fresh(at, now):
    return at is not None and now - at < STALE


def _has_room(folder):
    return os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > LEAST_FREE_BYTES
