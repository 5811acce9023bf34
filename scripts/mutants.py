"""Which small changes to the rules would a test notice?  make mutants ARGS="--size 60 --seed 7 people units/rules.py"

mutmut's operators make the changes (and ours: a statement or keyword left out, another date taken).
One run of each area of the suite under coverage says which tests reach which line. Each mutant is then a forked process
in which the module is compiled from its changed text; nothing is written to the checkout. The maps and results are kept
in .pytest_cache/mutants, so a run that was stopped goes on where it was, and a larger --size only adds to the sample.
A mutant that was killed stays so; one that lived is tried again when the tests have changed.
"""

import argparse
import ast
import contextlib
import hashlib
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from importlib.machinery import SourceFileLoader
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".pytest_cache" / "mutants"
AREAS = (
    *("core", "intake", "units", "people", "journal", "meetings", "feedback", "proceedings", "papers", "visits"),
    *("reports", "giaoban", "tools", "tests"),
)
SUBJECTS = {"rules", "access", "services", "querysets", "periods", "overdue", "tallies"}
FIGURES = {"balance", "figures", "figures_by_unit", "measures", "compiling", "comparing"}
LEFT_OUT = {"operator_string", "operator_lambda", "operator_assignment", "operator_dict_arguments"}  # noise, or a crash
OPERATORS = [pair for pair in mutators.mutation_operators if pair[1].__name__ not in LEFT_OUT]
QUIET = ["-q", "-p", "no:cacheprovider", "-p", "no:playwright", "-p", "no:xdist", "-m", "not browser", "-x"]
MOST_TESTS, MOST_SECONDS = 80, 60


def subjects(wanted):
    """The modules under trial, as paths from the root; `wanted` are beginnings of such paths."""
    for floor in AREAS[:-1]:
        for path in sorted((ROOT / floor).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            named = SUBJECTS & set(parts) or (floor == "reports" and parts[-1] in FIGURES)
            if named and not {"tests", "migrations", "management"} & set(parts) and path.stem != "__init__":
                name = path.relative_to(ROOT).as_posix()
                if not wanted or name.startswith(tuple(wanted)):
                    yield name


class Changes(cst.CSTVisitor):
    """Every (line, node, changed node) of a module."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, dates):
        self.dates, self.found = dates, []

    def on_visit(self, node):
        if isinstance(node, (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)):
            return False
        place = self.get_metadata(PositionProvider, node, None)
        line = place.start.line if place else 0
        self.found += [(line, node, new) for new in self.changed(node)]
        return True

    def changed(self, node):
        for kind, operator in OPERATORS:
            if isinstance(node, kind):
                yield from (new for new in operator(node) if operator is not mutators.operator_arg_removal)
        if isinstance(node, cst.Call) and len(node.args) > 1:
            is_query = isinstance(node.func, cst.Attribute) and node.func.attr.value in ("filter", "exclude")
            for number, arg in enumerate(node.args):
                if arg.keyword or is_query:
                    yield node.with_changes(args=[*node.args[:number], *node.args[number + 1 :]])
        if _may_be_left_out(node):
            yield cst.SimpleStatementLine([cst.Pass()])
        if isinstance(node, cst.Attribute) and node.attr.value in self.dates:
            others = [name for name in self.dates if name != node.attr.value]
            yield from (node.with_changes(attr=cst.Name(name)) for name in others[:1])


def _may_be_left_out(node):
    if isinstance(node, cst.If):
        return node.orelse is None
    if not isinstance(node, cst.SimpleStatementLine):
        return False
    small = node.body[0]
    if isinstance(small, cst.Assign):
        return not isinstance(small.targets[0].target, (cst.Name, cst.Tuple))
    return isinstance(small, cst.AugAssign) or (isinstance(small, cst.Expr) and isinstance(small.value, cst.Call))


@cache
def changes_of(name):
    wrapper = MetadataWrapper(cst.parse_module((ROOT / name).read_text(encoding="utf-8")), unsafe_skip_copy=True)
    dates = set()
    for node in ast.walk(ast.parse(wrapper.module.code)):
        dates |= {node.attr} if isinstance(node, ast.Attribute) and node.attr.endswith("_on") else set()
    visitor = Changes(sorted(dates))
    wrapper.visit(visitor)
    return wrapper.module, visitor.found


def mutant(name, number):
    """Its line, its whole text, and the lines that differ (None where the text does not change or compile)."""
    module, found = changes_of(name)
    line, node, new = found[number]
    text = module.deep_replace(node, new).code
    try:
        if ast.dump(ast.parse(text)) == ast.dump(ast.parse(module.code)):
            return None
    except SyntaxError:
        return None
    before, after = module.code.splitlines(), text.splitlines()
    first = next((n for n, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), len(after) - 1)
    return line or first + 1, text, f"{name}:{first + 1}\n    - {before[first].strip()}\n    + {after[first].strip()}"


def sample(names, seed, size):
    """(name, number) pairs, at most one a line; a larger size begins with the smaller one's."""
    places = [(name, number) for name in names for number in range(len(changes_of(name)[1]))]
    random.Random(seed).shuffle(places)
    taken = set()
    for name, number in places:
        made = mutant(name, number)
        if made and (name, made[0]) not in taken:
            taken.add((name, made[0]))
            yield name, *made
            if len(taken) == size:
                return


def digest_of(files):
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(path.read_bytes())
    return total.hexdigest()[:16]


def in_child(work, limit=0, log=os.devnull):
    """What `work()` answers (JSON) in a forked process; "timeout" after `limit` seconds, "crash" where it died."""
    with tempfile.TemporaryFile() as answer:
        child = os.fork()
        if child == 0:
            signal.alarm(limit)
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1)
            os.dup2(out, 2)
            try:
                answer.write(json.dumps(work()).encode())
                answer.flush()
            finally:
                os._exit(0)
        status = os.waitpid(child, 0)[1]
        if os.WIFSIGNALED(status):
            return "timeout"
        answer.seek(0)
        return json.loads(answer.read() or b'"crash"')


class Watch:
    """A plugin of pytest: the time of every passed test, which lines it ran, and the first that failed."""

    def __init__(self, coverage=None, chosen=None):
        self.coverage, self.chosen, self.seconds, self.failed = coverage, chosen, Counter(), []

    def pytest_collection_modifyitems(self, items):
        if self.chosen is not None:
            items[:] = sorted((i for i in items if i.nodeid in self.chosen), key=lambda i: self.chosen.index(i.nodeid))

    def pytest_runtest_logstart(self, nodeid):
        if self.coverage:
            self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration
        if report.outcome != "passed":
            self.failed.append(report.nodeid)


def map_of(area, names):
    """{tests: {nodeid: seconds}, lines: {module: {line: [nodeid]}}, libraries: [...]} of one area, kept."""
    sources = [ROOT / name for name in names] + sorted((ROOT / area).rglob("*.py")) + [ROOT / "conftest.py"]
    kept = STATE / f"map-{area}-{digest_of(sources)}.json"
    if not kept.exists():
        print(f"reading which lines the tests of {area} run …", flush=True)
        answer = in_child(lambda: record(area, names), log=STATE / f"map-{area}.log")
        if not isinstance(answer, dict):
            sys.exit(f"the tests of {area} could not be run, see {STATE / f'map-{area}.log'}")
        for old in STATE.glob(f"map-{area}-*.json"):
            old.unlink()
        kept.write_text(json.dumps(answer))
    return json.loads(kept.read_text())


def record(area, names):
    import pytest
    from coverage import Coverage

    measure = Coverage(data_file=None, include=[str(ROOT / name) for name in names], config_file=False)
    watch = Watch(coverage=measure)
    measure.start()
    pytest.main([*QUIET[:-1], area], plugins=[watch])
    measure.stop()
    data = measure.get_data()
    lines = {}
    for name in names:
        by_line = data.contexts_by_lineno(str(ROOT / name))
        lines[name] = {line: [t for t in tests if t and t not in watch.failed] for line, tests in by_line.items()}
    ours = ("_", "pytest", "hypothesis", "playwright", "xdist", "coverage", "slugify", "text_unidecode")
    files = {name: getattr(module, "__file__", None) or "" for name, module in sys.modules.items()}
    libraries = [n for n, file in files.items() if "/lib/python3" in file and not n.startswith(ours)]
    return {"tests": watch.seconds, "lines": lines, "libraries": libraries}


def statement_at(tree, line):
    """The lines of the innermost statement there (of a compound one its head), and whether a function holds it."""
    lines, inside = range(line, line + 1), False
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and node.lineno <= line <= node.end_lineno:
            body = getattr(node, "body", None)
            if isinstance(node, ast.FunctionDef) and line >= body[0].lineno:
                inside = True
            if not body or line < body[0].lineno:
                lines = range(node.lineno, (body[0].lineno if body else node.end_lineno + 1))
    return lines, inside


def tests_for(name, line, maps):
    """The tests that reach the line, from as many files as there are; of a table, those that reach its module."""
    rows, inside = statement_at(ast.parse((ROOT / name).read_text(encoding="utf-8")), line)
    reached = {}
    for found in maps:
        for row, tests in found["lines"].get(name, {}).items():
            if not inside or int(row) in rows:
                reached |= {test: found["tests"][test] for test in tests}
    turns, order = Counter(), []
    for test in sorted(reached, key=lambda test: (reached[test], test)):
        file = test.split("::")[0]
        turns[file] += 1
        order.append((turns[file], file.split("/")[0] != name.split("/")[0], reached[test], test))
    chosen, seconds = [], 0.0
    for *_, cost, test in sorted(order):
        if len(chosen) < MOST_TESTS and (not chosen or seconds + cost < MOST_SECONDS):
            chosen.append(test)
            seconds += cost
    return sorted(chosen, key=lambda test: (reached[test], test)), seconds


def run_tests(chosen, path=None, text=None):
    """The first test that fails where the module at `path` reads `text`; "" where all pass."""
    import pytest

    plain = SourceFileLoader.get_code

    def get_code(loader, fullname):
        return compile(text, path, "exec") if loader.path == path else plain(loader, fullname)

    SourceFileLoader.get_code = get_code
    watch = Watch(chosen=chosen)
    code = pytest.main([*QUIET, *dict.fromkeys(test.split("::")[0] for test in chosen)], plugins=[watch])
    return "" if code == pytest.ExitCode.OK else (watch.failed or ["at import"])[0]


def try_one(name, line, text, maps, control):
    chosen, seconds = tests_for(name, line, maps)
    if not chosen:
        return "no test reaches it"
    limit = int(60 + 10 * seconds)
    if control and in_child(lambda: run_tests(chosen), limit):
        sys.exit(f"without any change these fail: {chosen}")
    by = in_child(lambda: run_tests(chosen, str(ROOT / name), text), limit)
    return f"killed by {by}" if by else f"lived through {len(chosen)} tests"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="beginnings of paths, as people or meetings/rules.py")
    parser.add_argument("--size", type=int, default=300, help="how many mutants (300)")
    parser.add_argument("--seed", default="1", help="another word is another sample")
    parser.add_argument("--tests", nargs="*", default=AREAS, help="only the tests of these areas")
    options = parser.parse_args()
    os.nice(10)
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    STATE.mkdir(parents=True, exist_ok=True)
    scratch = tempfile.TemporaryDirectory()
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = scratch.name
    everything = list(subjects([]))
    maps = [map_of(area, everything) for area in options.tests]
    for library in dict.fromkeys(name for found in maps for name in found["libraries"]):
        with contextlib.suppress(Exception):  # to be there before the fork only saves time
            importlib.import_module(library)
    tests = digest_of(path for area in options.tests for path in (ROOT / area).rglob("*.py") if "tests" in path.parts)
    results = STATE / "results.jsonl"
    known = dict(json.loads(row) for row in results.read_text().splitlines()) if results.exists() else {}
    killed, tried, lived = Counter(), Counter(), []
    began, drawn = time.monotonic(), sample(list(subjects(options.modules)), options.seed, options.size)
    for number, (name, line, text, shown) in enumerate(drawn):
        key = hashlib.sha256(f"{name}\n{text}".encode()).hexdigest()[:24]
        outcome, seen = known.get(key, ("", ""))
        if not outcome.startswith("killed") and seen != tests:
            outcome = try_one(name, line, text, maps, control=number % 10 == 0)
            with results.open("a") as file:
                file.write(json.dumps([key, [outcome, tests]]) + "\n")
        tried[name] += 1
        killed[name] += outcome.startswith("killed")
        if not outcome.startswith("killed"):
            lived.append(f"{shown}\n    {outcome}")
        print(f"{number + 1:4} {time.monotonic() - began:6.0f}s  {name}:{line}  {outcome}", flush=True)
    print("\nlived:\n" + "\n".join(lived) + "\n" if lived else "")
    for name in sorted(tried):
        print(f"{killed[name]:4} of {tried[name]:3}  {name}")
    share = killed.total() / max(1, tried.total())
    print(f"{killed.total():4} of {tried.total():3}  killed: {share:.0%} (seed {options.seed})")


if __name__ == "__main__":
    main()
