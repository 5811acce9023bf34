"""The style of a paper as classes of the printed page (the page may hold no styles of its own)."""

_STEPS = {
    "mott": ("motto_pt", (12, 13, 14, 15, 16)),
    "issu": ("issuer_pt", (11, 12, 13, 14, 15)),
    "numb": ("number_pt", (11, 12, 13, 14, 15)),
    "plac": ("place_pt", (12, 13, 14, 15)),
    "titl": ("title_pt", (13, 14, 15, 16, 18)),
    "subj": ("subject_pt", (12, 13, 14, 15, 16)),
    "body": ("body_pt", (12, 13, 14, 15)),
    "left": ("left_mm", (20, 25, 30, 35, 40)),
    "right": ("right_mm", (10, 15, 20, 25)),
    "top": ("top_mm", (15, 20, 25, 30)),
    "lead": ("line_spacing", (1, 1.15, 1.3, 1.5)),
}
"""Class: the column it shows, and the values the stylesheet knows; the nearest one is taken."""


def look_of(style):
    """'mott-15 issu-14 …' of a paper style."""
    return " ".join(_class(prefix, float(getattr(style, name)), steps) for prefix, (name, steps) in _STEPS.items())


def _class(prefix, value, steps):
    nearest = min(steps, key=lambda step: abs(step - value))
    return f"{prefix}-{round(nearest * 100) if prefix == 'lead' else nearest}"
