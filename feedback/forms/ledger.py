"""The way in for a book of old years."""

from django import forms
from django.db.models import Exists, OuterRef

from feedback.enums import LEDGER_KEEPERS
from people.forms import UnitOptions, unit_picker
from units.enums import Level
from units.forms import NewForm
from units.models import Unit, UnitLineage


def ledger_units(user, today):
    """Units above village level, in force, whose books the user may bring in."""
    grants = [grant for grant in user.scope.grants if grant.writes and grant.role in LEDGER_KEEPERS]
    branch = {pk for grant in grants for pk in grant.unit_ids}
    lineage = UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("pk"))
    return Unit.objects.filter(Exists(lineage.on(today))).exclude(level=Level.VILLAGE).on(today)


class LedgerForm(NewForm):
    unit = UnitOptions(label="Đơn vị", empty_label="Chọn đơn vị", widget=unit_picker())
    file = forms.FileField(
        label="Tệp sổ (.xlsx)",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="Mỗi trang tối đa 20.000 dòng. Chưa dòng nào được ghi cho đến khi đồng chí bấm Ghi.",
    )

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        units = ledger_units(user, today)
        self.fields["unit"].required = True
        self.fields["unit"].offer(units, today)
        if len(only := list(units.values_list("key", flat=True)[:2])) == 1:
            self.fields["unit"].initial = only[0]
