"""Every address of the house with a world's own objects in it, and what an answer holds when it is unpacked."""

import html
import io
import re
import zipfile

from giaoban.management.commands.routes import list_routes

OUT_OF_THE_WAY = ("logout", "session_keep")


def paths(things, methods, key, slugs=("bien-ban",)):
    """(name, path) of every route behind the sign-in, filled in: the best guess an attacker could make.

    `things`: {start of the path: id of what lives there}, the longest start first.
    """
    for route in list_routes():
        if route["login"] and set(route["methods"]) & methods and route["name"] not in OUT_OF_THE_WAY:
            pk = next((pk for prefix, pk in things.items() if route["path"].startswith(prefix)), 1)
            path = re.sub(r"<int:\w+>", str(pk), route["path"])
            path = path.replace("<str:key>", key)
            path = path.replace("<slug:code>", "B8").replace("<slug:form>", "csv")
            for slug in slugs if "<slug:slug>" in path else ("",):
                yield route["name"], path.replace("<slug:slug>", slug)


def words_of(answer):
    """What an answer says: its text, or every part of the document it is."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return unpacked(body) if body.startswith(b"PK\x03\x04") else body.decode(errors="replace")


def unpacked(body):
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        parts = ((name, archive.read(name).decode(errors="replace")) for name in archive.namelist())
        return "\n".join(f"{name}\n{html.unescape(part)}" for name, part in parts)
