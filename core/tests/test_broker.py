"""A broker that is down or mute delays a job; it never hangs or fails the request that asked for it."""

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings

SCRIPT = """
import time, django
django.setup()
from core.jobs import ring
ring(1)
began = time.monotonic()
ring(2)
print(time.monotonic() - began)
"""


@pytest.mark.parametrize("is_mute", [True, False])
def test_ringing_takes_less_than_three_seconds(tmp_path, is_mute):
    with socket.socket() as broker:
        broker.bind(("127.0.0.1", 0))
        if is_mute:
            broker.listen(8)
        environment = os.environ | {
            "REDIS_URL": f"redis://127.0.0.1:{broker.getsockname()[1]}/0",
            "SECRET_KEY": "only-for-this-test",
            "GIAOBAN_VAR": str(tmp_path),
            "DJANGO_SETTINGS_MODULE": "giaoban.settings",
        }
        run = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert run.stderr.count("the broker is unreachable") == 2
    assert float(run.stdout) < 3
