"""The filter of pages that count: place and period, nothing that would narrow what is counted."""

from feedback.filters import OpinionFilter
from feedback.models import Opinion


class ReviewFilter(OpinionFilter):
    """Place and period alone, for pages that count; what they count is every opinion there, restricted ones too."""

    KEPT = ("don-vi", "ky", "cap", "ranh-gioi")

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        self.fields = {name: self.fields[name] for name in self.KEPT}
        self.status_code = 200 if self.is_valid() else 400

    @property
    def kept(self):
        """The filters in force, for the addresses of the lists."""
        return {name: value for name, value in self.cleaned_data.items() if value}

    def counted(self):
        """The opinions of the chosen place and period; none under wrong filters."""
        opinions = Opinion.objects.counted_for(self.user)
        if self.status_code != 200:
            return opinions.none()
        level = self.cleaned_data.get("cap")
        return self.about(opinions.filter(level=level) if level else opinions)

    def clean(self):
        return self.cleaned_data
