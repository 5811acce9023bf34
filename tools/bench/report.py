"""The performance report: databases are made, measured and dropped; the lines come one by one."""

from contextlib import closing
from dataclasses import dataclass

from django.conf import settings
from django.test.utils import override_settings

from tools.bench import entry, files, pages, sums
from tools.bench.databases import SQLITE, connected, opened, using
from tools.bench.measure import compare
from tools.bench.pages import PAGES_OF_GROWTH
from tools.bench.world import make_world

FEW_YEARS = 1
PLAIN = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


def measured(size, today, tell, databases):
    """(the name of the database, line) of the whole report; the pages need no collected files."""
    with override_settings(ALLOWED_HOSTS=["*"], STORAGES=settings.STORAGES | PLAIN, DEBUG=False):
        for kind in databases:
            try:
                yield from ((kind.name, line) for line in lines_of(kind, size, today, tell))
            finally:
                kind.drop()
    yield from (("", line) for line in file_lines(size))


@dataclass(frozen=True)
class BenchSize:
    """How much is made and how often it is timed; `share`: of the rows of the workbook."""

    districts: int = 14
    communes: int = 186
    years: int = 10
    rounds: int = 15
    share: float = 1.0


def lines_of(kind, size, today, tell):
    """Everything about one kind of database."""
    kind.prepare()
    large, small = kind.make("large"), kind.make("small")
    tree = size.districts, size.communes
    with connected(large):
        tell(f"{kind.name}: dựng {size.years} năm của {size.communes} xã")
        world = make_world(tree, size.years, today)
        tell(f"{kind.name}: {', '.join(f'{word} {count}' for word, count in world.counts.items())}")
        yield from _limits(kind, world, size)
        yield from _jobs(world, size)
    with connected(small):
        tell(f"{kind.name}: dựng {FEW_YEARS} năm")
        few = make_world(tree, FEW_YEARS, today)
    yield from _growth((large, world), (small, few), size)


def _limits(kind, world, size):
    count = size.rounds
    yield pages.unresolved_list(world, 1.5 if kind.name == SQLITE else 1.35, count)
    yield pages.slow_tail(world, 4.5, max(2, count))
    yield pages.deep_page(world, 1.3, count)
    yield sums.yearly_table(world, 2, count)
    yield from sums.table_is_base(world)
    yield pages.heat(world, 1.5, count)
    yield pages.search(world, 1.5, count)
    yield entry.opening(world, 1 / 3, count)
    yield entry.saving(world, 1.5, count)
    yield entry.saving_statements(world)


def _jobs(world, size):
    yield from sums.overdue_jobs(world, 1.5, 5, size.rounds)
    yield sums.rollup(world, 1.5, size.rounds)
    yield files.by_spreadsheet(world, 1 / 50, 3)


def _growth(large, small, size):
    """Pages and their statements at many years against one."""
    (large, world), (small, few) = large, small
    with closing(opened(large)) as large, closing(opened(small)) as small:
        for name, role, address_of in PAGES_OF_GROWTH:
            address = address_of(world.today.year)
            many_years, one_year = _seen(large, world, role, address), _seen(small, few, role, address)
            yield compare(f"{name}: {size.years} năm / 1 năm", many_years, one_year, 1.1, size.rounds)
            yield pages.same_statements(name, _asked(small, few, role, address), _asked(large, world, role, address))


def _seen(connection, world, role, address):
    def run():
        with using(connection):
            world.get(role, address)

    return run


def _asked(connection, world, role, address):
    with using(connection):
        return pages.statements_of(world, role, address)


def file_lines(size):
    """What needs no database."""
    yield files.writing(0.4, 3, size.share)
    yield from files.memory()
