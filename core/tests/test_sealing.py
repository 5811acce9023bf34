"""The activity log cannot be changed unnoticed."""

import pytest
from django.db import connection

from core.activity import record, seal_activity, verify_chain
from core.models import Activity


@pytest.fixture
def lines(cast):
    return [record(cast.head.pk, "unit.rename", cast.tree.a1, {"name": "Cũ"}, {"name": f"Mới {n}"}) for n in range(4)]


def tamper(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_sealing_twice_seals_once(lines):
    assert seal_activity() == Activity.objects.count()
    digests = list(Activity.objects.values_list("digest", flat=True))
    assert seal_activity() == 0
    assert list(Activity.objects.values_list("digest", flat=True)) == digests
    assert len(set(digests)) == len(digests)
    assert verify_chain() == []


def test_later_lines_continue_the_chain(lines, cast):
    seal_activity()
    record(None, "job.sweep", cast.tree.a2)
    assert verify_chain() == []
    assert seal_activity() == 1
    assert verify_chain() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE core_activity SET verb = 'unit.renamf' WHERE id = %s",
        "DELETE FROM core_activity WHERE id = %s",
        "UPDATE core_activity SET digest = '' WHERE id = %s",
    ],
)
def test_a_changed_or_missing_line_is_found(lines, statement):
    seal_activity()
    tamper(statement, lines[1].pk)
    assert lines[2].pk in verify_chain() or lines[1].pk in verify_chain()
