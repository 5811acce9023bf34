"""The way in for a roster file."""

from django import forms
from django.db.models import Exists, OuterRef

from people.enums import POST_EDITORS
from people.forms import UnitOptions, unit_picker
from units.enums import Level
from units.forms import NewForm
from units.models import Unit, UnitLineage


def roster_units(user, today):
    """Units above village level, in force, whose posts the user keeps."""
    grants = [grant for grant in user.scope.grants if grant.writes and grant.role in POST_EDITORS]
    branch = {pk for grant in grants for pk in grant.unit_ids}
    lineage = UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("pk"))
    return Unit.objects.filter(Exists(lineage.on(today))).exclude(level=Level.VILLAGE).on(today)


class RosterForm(NewForm):
    unit = UnitOptions(label="Đơn vị", empty_label="Chọn đơn vị", widget=unit_picker())
    file = forms.FileField(
        label="Tệp danh sách (.xlsx)",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        help_text="Mỗi chức danh một dòng, tối đa 20.000 dòng. Chưa dòng nào được ghi cho đến khi đồng chí bấm Ghi.",
    )

    def __init__(self, *args, user, today, **kwargs):
        super().__init__(*args, **kwargs)
        units = roster_units(user, today)
        self.fields["unit"].required = True
        self.fields["unit"].offer(units, today)
        if len(only := list(units.values_list("key", flat=True)[:2])) == 1:
            self.fields["unit"].initial = only[0]
