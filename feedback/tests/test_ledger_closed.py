"""A book neither comes into a closed period nor goes out of one; the rows are named."""

import io
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.errors import DomainError
from feedback.ledger.undoing import undo_ledger
from feedback.models import LedgerImport, Opinion
from feedback.tests.test_ledger import MEETING, OPINION, book, run
from meetings.models import Meeting, Occurrence
from meetings.tests.builders import make_occurrence, make_rule

pytestmark = pytest.mark.django_db
APRIL = MEETING | {"key": "A2", "period": "2016-04", "held_on": date(2016, 4, 25)}


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "so cu.xlsx"
    book(meetings=[MEETING, APRIL], opinions=[OPINION]).save(found)
    return str(found)


def test_no_row_comes_into_a_closed_period(cast, path):
    make_occurrence(make_rule(cast.tree.province), cast.tree.a1, "2016-04", closed_on=date(2016, 5, 9))
    err = io.StringIO()
    with pytest.raises(CommandError, match="chưa ghi gì"):
        call_command("import_ledger", path, "--unit", "district-901", stdout=io.StringIO(), stderr=err)
    assert "dòng 3" in err.getvalue()
    assert "đã khóa số liệu kỳ này ngày 09/05/2016" in err.getvalue()
    assert not Meeting.objects.exists()


def test_no_row_goes_out_of_a_closed_period(cast, path):
    run(path)
    Occurrence.objects.filter(period="2016-04").update(closed_on=date(2016, 5, 9))
    item = LedgerImport.objects.get()
    with pytest.raises(DomainError, match=r"dòng 3 \(hội nghị\) nằm trong kỳ đã khóa"):
        undo_ledger(item.pk, actor=cast.head, now=timezone.now())
    assert (Meeting.objects.count(), Opinion.objects.count()) == (2, 1)
    Occurrence.objects.update(closed_on=None)
    undo_ledger(item.pk, actor=cast.head, now=timezone.now())
    assert not Meeting.objects.exists()
