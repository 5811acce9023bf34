"""Log lines that tell what happened without what was written: one line an event, no values of an exception."""

import logging
import re
import traceback

SECRET_PATH = re.compile(r"(/lich/(?:co-so/)?)[^/\s?\"]+(\.ics)")


def masked(text):
    """The secret address of a calendar is a key: no log line holds it."""
    return SECRET_PATH.sub(r"\1***\2", text)


class LineFormatter(logging.Formatter):
    """Line ends inside a message are escaped; a traceback names files and the kind of error, not its text."""

    def __init__(self):
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatException(self, ei):  # noqa: N802  the name is logging's
        kind, _, trace = ei
        frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return " < ".join([kind.__name__, *reversed(frames)])

    def format(self, record):
        return masked(super().format(record)).replace("\r", "\\r").replace("\n", "\\n")
