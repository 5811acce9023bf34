"""Keep a few processes alive and end them together. Used by `run_all`."""

import ctypes
import os
import signal
import subprocess
import sys
import time

STOP_SECONDS = 12
CALM_SECONDS = 10
LONGEST_WAIT = 30
_PR_SET_PDEATHSIG = 1


class Child:
    """One process of ours: started, watched, started again with growing pauses when it keeps dying."""

    def __init__(self, name, argv):
        self.name, self.argv = name, argv
        self.process = None
        self.started_at = self.start_at = 0.0
        self.pause = 0

    def start(self, now):
        parent = os.getpid()
        self.process = subprocess.Popen(self.argv, start_new_session=True, preexec_fn=lambda: _die_with(parent))
        self.started_at = now

    def look_after(self, now):
        """Start it when it is time to; the answer is a sentence when something happened."""
        if self.process is None:
            if now >= self.start_at:
                self.start(now)
            return ""
        code = self.process.poll()
        if code is None:
            return ""
        self.pause = 1 if now - self.started_at > CALM_SECONDS else min(max(self.pause, 1) * 2, LONGEST_WAIT)
        self.process, self.start_at = None, now + self.pause
        return f"{self.name} ended (status {code}); it starts again in {self.pause} s"

    def signal(self, number):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)


class Supervisor:
    """Runs its children until SIGINT or SIGTERM, then ends them all."""

    def __init__(self, commands):
        self.children = [Child(name, argv) for name, argv in commands.items()]
        self.is_stopping = False

    def run(self, on_tick):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self.is_stopping:
                for child in self.children:
                    if news := child.look_after(time.monotonic()):
                        sys.stderr.write(news + "\n")
                on_tick()
                time.sleep(0.3)
        finally:
            self.stop()

    def stop(self):
        """Ask politely, wait, then insist; work cut off here is taken up again at the next start."""
        for child in self.children:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and any(_is_alive(child) for child in self.children):
            time.sleep(0.1)
        for child in self.children:
            child.signal(signal.SIGKILL)

    def _ask_to_stop(self, number, frame):
        self.is_stopping = True


def _is_alive(child):
    return child.process is not None and child.process.poll() is None


def _die_with(parent):
    """In the child, before it becomes its program: Linux ends it when the supervisor is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)
