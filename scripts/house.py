"""The figures of the house, read off its source: python scripts/house.py

Lines, modules, modules that one other imports, private functions called once, long lines of templates, arrows upward
and circles, lengths of functions. Tests, migrations and what is generated are left out.
"""

import ast
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = [
    *("core", "intake", "units", "people", "journal", "meetings", "feedback", "proceedings", "papers", "visits"),
    *("reports", "giaoban", "tools"),
]
SHELVES = {
    *("enums", "models", "querysets", "rules", "access", "reads", "services", "forms", "views", "urls", "filters"),
    *("jobs", "tasks", "apps", "settings", "wsgi", "celery", "middleware"),
}
LONG = 140


def modules():
    """{dotted name: (path, tree)} of the product and its tools."""
    found = {}
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if not {"tests", "migrations"} & set(path.parts):
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                found[name] = path, ast.parse(path.read_text("utf-8"))
    return found


def imported(tree, names):
    """The modules of the house that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in names else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def circles(graph):
    """How many arrows close a circle of imports."""
    state, count = {}, 0

    def visit(name):
        nonlocal count
        state[name] = "open"
        for other in sorted(graph[name]):
            if state.get(other) == "open":
                count += 1
            elif other not in state:
                visit(other)
        state[name] = "done"

    for name in sorted(graph):
        if name not in state:
            visit(name)
    return count


def called_once(tree):
    """Private functions of a module whose name stands in it once beside their definition."""
    private = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("_")}
    used = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    return sum(used[name] == 1 for name in private)


def main():
    found = modules()
    graph = {name: {o for o in imported(tree, found) if o in found and o != name} for name, (_, tree) in found.items()}
    lines = Counter()
    for name, (path, _) in found.items():
        lines["tools" if name.split(".")[0] == "tools" else "product"] += len(path.read_text("utf-8").splitlines())
    users = Counter(other for others in graph.values() for other in others)
    kept = {
        name for name, (path, _) in found.items() if path.stem in SHELVES | {"__init__"} or "commands" in path.parts
    }
    upward = sum(
        FLOORS.index(other.split(".")[0]) > FLOORS.index(name.split(".")[0]) for name in graph for other in graph[name]
    )
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for _, tree in found.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    )
    pages = [line for path in (ROOT / "templates").rglob("*.html") for line in path.read_text("utf-8").splitlines()]
    long = sum(len(line) > LONG for line in pages)
    tags = sum(bool(re.search(r"{%\s*(blocktrans|trans)", line)) for line in pages)
    figures = {
        "product lines without tools, migrations, tests": lines["product"],
        "lines of tools": lines["tools"],
        "modules": len(found),
        "modules imported by exactly one other (shelves aside)": sum(users[n] == 1 for n in found if n not in kept),
        "private functions called once": sum(called_once(tree) for _, tree in found.values()),
        f"template lines above {LONG} characters": f"{long} of {len(pages)} ({100 * long / len(pages):.1f} %)",
        "lines with a translate tag": tags,
        "upward arrows, circles": f"{upward}, {circles(graph)}",
        "function p99, longest": f"{lengths[int(len(lengths) * 0.99)]}, {lengths[-1]}",
    }
    for label, figure in figures.items():
        print(f"{label}: {figure}")


if __name__ == "__main__":
    main()
