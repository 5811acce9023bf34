"""Walk every page, list, paper and sheet that a reader can reach and find the names that do not say which place."""

import csv
import io
import json
import re
from collections import Counter, defaultdict
from urllib.parse import urldefrag, urljoin, urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone
from docx import Document
from lxml import html
from openpyxl import load_workbook

from core.text import fold
from giaoban.management.commands.routes import list_routes
from people.models import User
from units.models import Body, Unit, UnitLineage

EACH, MOST = 3, 8
"""Addresses walked of one route with the same parameters, and with any: the first ones the pages link to."""
MOST_ROWS = 2_000
"""Rows read of one sheet."""
BLOCKS = {
    "option",
    "li",
    "tr",
    "dd",
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "label",
    "caption",
    "summary",
    "figcaption",
    "legend",
}
OUT_OF_THE_WAY = {"logout", "session_keep", "style_guide"}


class Names:
    """The names that two things of a reader's scope share, each with the parents that tell them apart."""

    def __init__(self, user, today):
        units = dict(Unit.objects.visible_to(user).on(today).values_list("pk", "name"))
        lines = UnitLineage.objects.filter(unit__in=units).on(today)
        above = defaultdict(set)
        for unit_id, ancestor_id, name in lines.values_list("unit_id", "ancestor_id", "ancestor__name"):
            if unit_id != ancestor_id:
                above[unit_id].add(name)
        shared, bodies = defaultdict(list), Body.objects.visible_to(user).on(today)
        for pk, name in units.items():
            shared[name].append(above[pk])
        for name, unit_name in bodies.values_list("name", "unit__name"):
            shared[name].append({unit_name})
        self.parents = {name: set().union(*found) for name, found in shared.items() if len(found) > 1}
        for name, parents in self.parents.items():
            common = set.intersection(*shared[name])
            self.parents[name] = parents - common
        words = "|".join(map(re.escape, sorted(shared, key=len, reverse=True)))
        self._found = re.compile(rf"(?<!\w)({words})(?!\w)") if words else None

    def of(self, text, around):
        """(names seen, those without a parent beside them) of a block of text."""
        seen = self._found.findall(text) if self._found else []
        return seen, [
            name for name in seen if name in self.parents and not self._is_placed(name, fold(text), fold(around))
        ]

    def _is_placed(self, name, text, around):
        """A parent stands beside the name, or the head of the page is about one of them alone."""
        parents = [fold(up) for up in self.parents[name]]
        return any(up in text for up in parents) or sum(up in around for up in parents) == 1


def blocks_of(answer):
    """(text, what stands around it) of every block of an answer; and of each list of choices, those that read alike."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    if "html" in kind:
        return _of_page(body.decode())
    if "spreadsheet" in kind:
        return list(_of_workbook(body)), []
    if "wordprocessing" in kind:
        return list(_of_paper(body)), []
    if "csv" in kind:
        return [(" ".join(row), "") for row in csv.reader(io.StringIO(body.decode("utf-8-sig")))], []
    if "json" in kind:
        return [(text, "") for text in _of_json(json.loads(body))], []
    return [], []


def _text(element):
    return re.sub(r"\s+", " ", " ".join(element.itertext())).strip()


def _of_page(page):
    main = html.fromstring(page).find(".//main") if page.strip() else None
    if main is None:
        return [], []
    blocks, alike, section = [], [], ""
    top = " ".join(
        _text(each) for each in main.xpath(".//h1|.//h1/following-sibling::*|.//h1/preceding-sibling::*|(.//dl)[1]")
    )
    top += " ".join(_text(each) for each in main.xpath("//nav[contains(@aria-label, 'Đường dẫn')]"))
    for each in main.iter():
        if each.tag in ("h2", "h3"):
            section = _text(each)
        if each.tag == "select":
            alike += _alike(each)
        if each.tag in BLOCKS and not any(up.tag in ("tr", "li") for up in each.iterancestors()):
            around = f"{top} {each.getparent().get('label', '')}" if each.tag == "option" else f"{top} {section}"
            blocks.append((_text(each), around))
        for name, value in each.attrib.items():
            if name.startswith("data-") and name not in ("data-label", "data-url"):
                blocks.append((value, f"{top} {_text(each)}" if each.tag in BLOCKS else top))
    return blocks, alike


def _alike(select):
    texts = defaultdict(set)
    for option in select.iter("option"):
        texts[_text(option)].add(option.get("value"))
    return [text for text, values in texts.items() if len(values) > 1]


def _of_workbook(body):
    for sheet in load_workbook(io.BytesIO(body), read_only=True, data_only=True).worksheets:
        rows = [
            " ".join(str(cell) for cell in row if cell is not None)
            for row in sheet.iter_rows(max_row=MOST_ROWS, values_only=True)
        ]
        top = " ".join([sheet.title, *rows[:4]])
        yield from ((row, top) for row in rows)


def _of_paper(body):
    paper = Document(io.BytesIO(body))
    texts = [paragraph.text for paragraph in paper.paragraphs]
    rows = [" ".join(cell.text for cell in row.cells) for table in paper.tables for row in table.rows]
    top = " ".join([*texts[:8], *rows[:4]])
    yield from ((text, top) for text in texts + rows)


def _of_json(value):
    if isinstance(value, dict):
        plain = [str(each) for each in value.values() if not isinstance(each, dict | list)]
        yield " ".join(plain)
        for each in value.values():
            yield from _of_json(each) if isinstance(each, dict | list) else ()
    elif isinstance(value, list):
        for each in value:
            yield from _of_json(each) if isinstance(each, dict | list) else (str(each),)


def walk(user, today, each=EACH):
    """(addresses opened, names compared, Counter of (route, name) clashes) of all that `user` reaches by links."""
    names, browser = Names(user, today), Client(HTTP_HOST="localhost")
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    waiting = [
        "/",
        *(route["path"] for route in list_routes() if "GET" in route["methods"] and "<" not in route["path"]),
    ]
    met, opened, compared, clashes = Counter(), set(), 0, {}
    while waiting:
        path = waiting.pop(0)
        route = _route(path)
        plain = (route or "").split(" ")[0]
        if path in opened or route is None or met[route] >= each or met[plain, "any"] >= MOST:
            continue
        opened.add(path)
        met[route] += 1
        met[plain, "any"] += 1
        answer = browser.get(path)
        if answer.status_code != 200:
            continue
        blocks, alike = blocks_of(answer)
        for text, around in blocks:
            seen, wrong = names.of(text, around)
            compared += len(seen)
            for name in wrong:
                clashes.setdefault((route, name), (path, text[:160]))
        for text in alike:
            clashes.setdefault((route, text), (path, f"hai lựa chọn cùng đọc là “{text}”"))
        waiting += _links(answer, path)
    return len(opened), compared, clashes


def _route(path):
    parts = urlsplit(path)
    try:
        match = resolve(parts.path)
    except Resolver404:
        return None
    keys = sorted(word.partition("=")[0] for word in parts.query.split("&") if word)
    return None if match.url_name in OUT_OF_THE_WAY else " ".join([match.url_name or "", *keys])


def _links(answer, path):
    if answer.streaming or "html" not in answer.headers.get("Content-Type", "") or not answer.content.strip():
        return []
    links = html.fromstring(answer.content.decode()).xpath("//main//a/@href|//nav//a/@href")
    return [urldefrag(urljoin(path, link)).url for link in links if not urlsplit(link).netloc]


class Command(BaseCommand):
    help = "Mở mọi trang, danh sách, văn bản, bảng tính của các tài khoản và nêu tên đơn vị, cơ quan còn trùng nhau."

    def add_arguments(self, parser):
        parser.add_argument("usernames", nargs="+")
        parser.add_argument("--each", type=int, default=EACH, help="số địa chỉ mở của mỗi trang")

    def handle(self, *args, usernames, each, **options):
        total = 0
        for username in usernames:
            user = User.objects.get_by_natural_key(username)
            opened, compared, clashes = walk(user, timezone.localdate(), each)
            total += len(clashes)
            for (route, name), (path, text) in sorted(clashes.items()):
                self.stdout.write(f"{route} | {name} | {path} | {text}")
            self.stdout.write(f"{username}: mở {opened} địa chỉ, so {compared} tên, {len(clashes)} tên trùng.")
        if total:
            raise CommandError(f"{total} tên không nói rõ ở đâu.")
