"""The house rules of docs/architecture.md, read off the source: floors, sizes, names, pure rules."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    *("core", "intake", "units", "people", "journal", "meetings", "feedback", "proceedings", "papers", "visits"),
    *("reports", "giaoban", "tools"),
]
ROOMS = {
    "people": ["services", "roster"],
    "meetings": ["cadence", "reads", "lists", "timeliness", "calendar", "services", "conclusions", "delegates"],
    "feedback": [
        *("routing", "clocks", "matching", "thread", "matters", "desk", "initiatives", "page", "ledger"),
    ],
    "proceedings": ["preparation", "forms", "services", "entry", "checking"],
    "visits": [
        *("assignments", "situations", "groups", "helped", "checks", "sheets", "registers", "plans"),
        *("reads", "services", "forms", "home"),
    ],
    "reports": [
        *("tables", "closing", "workbook", "comparing", "claims", "overview", "published", "dashboard"),
        *("year_report",),
    ],
}
"""The written order of the rooms of a floor: each imports the floor's own shelves and the rooms before it."""
WAYS_IN = {"views", "urls", "jobs", "tasks", "apps", "commands"}
"""Above all rooms of their floor: pages and jobs may look into any of them."""
BANNED_NAMES = {"utils", "helpers", "common", "misc", "lib", "words", "rows", "waiting"}
FILE_LIMIT, FUNCTION_LIMIT = 500, 80
STEPS = ["enums", "rules", "querysets", "models", "access"]


def sources(*floors):
    """Product modules (no tests, no migrations) as (path, tree)."""
    for floor in floors or FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                yield path, parse(path)


@cache
def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports_of(tree, only_at_start=False):
    """Dotted names a module imports; `from a import b` gives both a and a.b."""
    nodes = tree.body if only_at_start else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_there_is_something_to_check():
    assert len(list(sources())) > 50


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_run_downwards(floor):
    above = set(FLOORS[FLOORS.index(floor) + 1 :])
    wrong = [
        f"{name_of(path)} imports {name}"
        for path, tree in sources(floor)
        for name in imports_of(tree)
        if name.split(".")[0] in above
    ]
    assert not wrong


def place_of(name):
    """(floor, rank of the room in its floor, room) of a module: 0 for the floor's own shelves, the ways in on top."""
    floor, *rest = name.split(".")
    rooms = ROOMS.get(floor, [])
    room = rest[0] if rest and rest[0] in rooms else ""
    if WAYS_IN & set(rest):
        return floor, len(rooms) + 1, room
    return floor, rooms.index(room) + 1 if room else 0, room


def test_rooms_of_a_floor_import_in_the_written_order():
    """Within its own room a module may import what it likes, as long as there is no circle."""
    known, wrong = {name_of(path) for path, _ in sources()}, []
    for path, tree in sources():
        floor, rank, room = place_of(name_of(path))
        for name in sorted({each for each in imports_of(tree) if each in known}):
            other_floor, other_rank, other_room = place_of(name)
            if other_floor == floor and other_rank > rank and not (room and room == other_room):
                wrong.append(f"{name_of(path)} imports {name}")
    assert not wrong


def test_every_room_that_is_written_down_stands():
    for floor, rooms in ROOMS.items():
        gone = [
            room for room in rooms if not (ROOT / floor / room).is_dir() and not (ROOT / floor / f"{room}.py").exists()
        ]
        assert gone == [], floor


def test_no_class_name_stands_for_two_things():
    found = {}
    for path, tree in sources():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name != "Command":
                found.setdefault(node.name, []).append(name_of(path))
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_no_import_circles():
    modules = {name_of(path): tree for path, tree in sources()}
    graph = {
        name: {other for other in imports_of(tree, only_at_start=True) if other in modules and other != name}
        for name, tree in modules.items()
    }
    for name, others in graph.items():  # `from package import module` does not depend on what the package imports
        graph[name] = {o for o in others if not any(other.startswith(o + ".") for other in others)}
    done, path = set(), []

    def visit(name):
        assert name not in path, f"circle: {' > '.join([*path[path.index(name) :], name])}"
        if name not in done:
            path.append(name)
            for other in sorted(graph[name]):
                visit(other)
            path.pop()
            done.add(name)

    for name in sorted(graph):
        visit(name)


def test_sizes_and_names():
    wrong = []
    for path, tree in sources():
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > FILE_LIMIT:
            wrong.append(f"{name_of(path)} has {lines} lines")
        if path.stem in BANNED_NAMES or path.parent.name in BANNED_NAMES:
            wrong.append(f"{name_of(path)} says nothing by its name")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= FUNCTION_LIMIT:
                wrong.append(f"{name_of(path)}.{node.name} has {node.end_lineno - node.lineno + 1} lines")
    assert not wrong


def test_rules_are_pure():
    """No ORM, no clock, nothing of the app but its enums and its own rules."""
    wrong = []
    for path, tree in sources():
        if path.stem != "rules":
            continue
        floor = path.relative_to(ROOT).parts[0]
        for name in imports_of(tree):
            first = name.split(".")[0]
            is_pure = name.startswith((f"{floor}.enums", f"{floor}.rules", "core."))
            if first == "django" or (first in FLOORS and not is_pure):
                wrong.append(f"{name_of(path)} imports {name}")
        text = path.read_text(encoding="utf-8")
        wrong += [f"{name_of(path)} reads the clock" for _ in re.findall(r"\.now\(|\.today\(|localdate", text)]
    assert not wrong


@pytest.mark.parametrize("step", STEPS)
def test_lower_steps_know_no_higher_ones(step):
    higher = {*STEPS[STEPS.index(step) + 1 :], "services", "selectors", "forms", "tasks", "views", "urls"}
    wrong = [
        f"{name_of(path)} imports {name}"
        for path, tree in sources(*FLOORS[1:-1])
        if path.relative_to(ROOT).with_suffix("").parts[1] == step
        for name in imports_of(tree)
        if name.split(".")[0] == path.relative_to(ROOT).parts[0] and len(name.split(".")) > 1
        if name.split(".")[1] in higher
    ]
    assert not wrong


def test_the_clock_is_read_at_the_edges_only():
    """Views, tasks, commands and the machinery may; what they call is told the day."""
    edges = {"views", "tasks", "commands", "core", "periodic", "health", "context", "models", "forms", "urls"}
    wrong = [
        name_of(path)
        for path, tree in sources()
        if not edges & set(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("localdate", "today") and isinstance(node.value, ast.Name)
        if node.value.id in ("timezone", "date", "datetime")
    ]
    assert not wrong


def test_there_is_one_clock():
    """Django's `timezone` alone is asked for the day, in the product and in its tests: the suite fixes it there."""
    banned = re.compile(r"\bdate\.today\(|datetime\.(now|utcnow|today)\(|\btime\.(time|localtime)\(|timezone import")
    folders = [*FLOORS, "tests"]
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))] + [ROOT / "conftest.py"]
    found = [f"{name_of(path)}: {hit.group()}" for path in files for hit in banned.finditer(path.read_text())]
    assert [hit for hit in found if not hit.startswith("tests.test_architecture")] == []


def test_a_status_is_set_by_services_only():
    wrong = []
    for path, tree in sources():
        if {"services", "demo"} & set(path.relative_to(ROOT).with_suffix("").parts):  # the demo's drafts are no rows
            continue
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else []
            if any(isinstance(target, ast.Attribute) and target.attr == "status" for target in targets):
                wrong.append(f"{name_of(path)}:{node.lineno}")
    assert not wrong


def test_no_back_doors():
    """Nothing unescaped, unchecked, unfinished or typed straight into SQL unseen."""
    banned = re.compile(r"mark_safe|csrf_exempt|\.raw\(|\beval\(|\bexec\(|TODO|FIXME|@receiver|post_save|pre_save")
    found = [f"{name_of(p)}: {m}" for p, _ in sources() for m in banned.findall(p.read_text(encoding="utf-8"))]
    assert not found


def test_templates_hold_no_code_of_their_own():
    """The content security policy would stop it; a `|safe` would let others' code in."""
    banned = re.compile(r"\|safe\b|<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)")
    pages = sorted((ROOT / "templates").rglob("*.html"))
    assert pages
    texts = {page: re.sub(r"{%.*?%}", "", page.read_text(encoding="utf-8"), flags=re.S) for page in pages}
    found = [f"{page.name}: {match}" for page, text in texts.items() for match in banned.findall(text)]
    assert not found


def _cannot_fail(test):
    """A constant, `x or "text"`, `>= 0`, `len(x) >= 1` or a loop object: true whatever the product does."""
    if isinstance(test, ast.Constant | ast.JoinedStr | ast.Tuple | ast.List | ast.Dict | ast.Set):
        return True
    if isinstance(test, ast.GeneratorExp | ast.Lambda):
        return True
    if isinstance(test, ast.BoolOp):
        return any(_cannot_fail(value) for value in test.values)
    if isinstance(test, ast.Compare):
        bounds = [(op, right.value) for op, right in zip(test.ops, test.comparators, strict=True) if _is_number(right)]
        empty = [bound for op, bound in bounds if isinstance(op, ast.GtE) and bound in (0, 1)]
        return bool(empty) or any(isinstance(op, ast.Gt) and bound == -1 for op, bound in bounds)
    return False


def _is_number(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, int)


def _may_be_empty(loop):
    """A loop over what the product answers; over a written list, a range or a table of the test it is never empty."""
    over = loop.iter if isinstance(loop, ast.For) else loop
    while isinstance(over, ast.Call) and over.args and getattr(over.func, "id", "") in ("enumerate", "zip", "sorted"):
        over = over.args[0]
    written = isinstance(over, ast.Tuple | ast.List | ast.Dict | ast.Set)
    table = isinstance(over, ast.Name) and over.id.isupper()
    table |= isinstance(over, ast.Call) and getattr(over.func, "id", getattr(over.func, "attr", "")) in (
        "range",
        "items",
    )
    return not (written or table)


def _asserts(node, loops=()):
    """Every assertion below a node, each with the loops around it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Assert):
            yield child, loops
        inner = (*loops, child) if isinstance(child, ast.For | ast.While) else loops
        yield from _asserts(child, inner)


def test_every_assertion_can_fail():
    """None is true of everything, and no test rests on loops alone that may have nothing to go through."""
    wrong = []
    for path in [path for folder in [*FLOORS, "tests"] for path in sorted((ROOT / folder).rglob("test_*.py"))]:
        for test in ast.walk(parse(path)):
            if not (isinstance(test, ast.FunctionDef) and test.name.startswith("test_")):
                continue
            found = list(_asserts(test))
            wrong += [
                f"{name_of(path)}:{each.lineno}: true of everything" for each, _ in found if _cannot_fail(each.test)
            ]
            if found and all(any(_may_be_empty(loop) for loop in loops) for _, loops in found):
                wrong.append(f"{name_of(path)}:{test.lineno}: asserts in loops only, which may be empty")
    assert not wrong
