"""Taking a table or a report away as a file: who may, and the line it leaves in the activity log."""

from django.db import transaction

from core.activity import record
from core.errors import NotAllowed
from reports.access import may_export


@transaction.atomic
def note_download(what, form, unit, period, boundaries, *, actor):
    """Says that a file was taken, never what stood in it. `what`: the code of a table."""
    if not may_export(actor, unit):
        raise NotAllowed("Đồng chí chỉ tải được số liệu của đơn vị mình phụ trách. Chọn lại đơn vị.")
    after = {"table": what, "form": form, "period": period.code, "boundaries": boundaries}
    record(actor.pk, "report.table", unit, after=after)
