"""Who raised an opinion, in the words that the reader of a report may see."""

from feedback.access import UNNAMED, mask_speakers

SPEAKER = ("raised_by_name", "raised_by_title", "hides_speaker", "unit_id", "commune_id")
"""What must be read of an opinion for that."""


def with_speakers(rows, user=None):
    """The same dicts with `who`: 'Lê Thị Hoa, Trưởng thôn'. Without a user, whoever wished not to be named is not."""
    if user:
        mask_speakers(user, rows)
    for row in rows:
        row["who"] = UNNAMED if _is_unnamed(row, user) else _words(row)
    return rows


def _is_unnamed(row, user):
    return row["raised_by_name"] == UNNAMED or (user is None and row["hides_speaker"])


def _words(row):
    return ", ".join(filter(None, (row["raised_by_name"], row["raised_by_title"])))
