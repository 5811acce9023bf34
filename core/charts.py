"""Geometry of the charts drawn on the server. Pure: numbers in, positions out; the drawing is a template."""

from dataclasses import dataclass

from core.display import group_digits

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 72, 28, 16, 34
LABELS_AT_MOST = 8
RUNNING = " (chưa hết)"


@dataclass(frozen=True)
class Bar:
    label: str
    text: str
    share: str
    url: str = ""


@dataclass(frozen=True)
class Mark:
    label: str
    text: str
    x: int
    y: int
    url: str = ""
    labelled: bool = True
    is_partial: bool = False


def bars_of(rows):
    """Bars whose longest is the whole width; `share` is the SVG width of each."""
    top = max((row["value"] or 0 for row in rows), default=0)
    return [
        Bar(
            label=row["label"],
            text=row.get("text") or group_digits(row["value"] or 0),
            share=f"{(row['value'] or 0) * 100 / top:.2f}%" if top else "0%",
            url=row.get("url", ""),
        )
        for row in rows
    ]


def round_top(value):
    """The nearest 1, 2, 2.5 or 5 times a power of ten that is not below the value (at least 4)."""
    if value <= 4:
        return 4
    power = 10 ** (len(str(int(value))) - 1)
    return next(int(step * power) for step in (1, 2, 2.5, 5, 10) if step * power >= value)


def marks_of(series):
    """Points of a line, left to right; labels are thinned out when there are many.

    A point whose value is None lies in the future: it has its place and is not drawn. `is_partial`: its time runs, so
    the line does not lead to it as to the others.
    """
    top = round_top(max((point["value"] or 0 for point in series), default=0))
    step = (WIDTH - LEFT - RIGHT) / max(len(series) - 1, 1)
    thin = max(1, -(-len(series) // LABELS_AT_MOST))
    return [
        Mark(
            label=str(point["label"]),
            text=f"{group_digits(point['value'])}{RUNNING if point.get('is_partial') else ''}",
            x=round(LEFT + step * i),
            y=_height(point["value"], top),
            url=point.get("url", ""),
            labelled=i % thin == 0,
            is_partial=point.get("is_partial", False),
        )
        for i, point in enumerate(series)
        if point["value"] is not None
    ]


def paths_of(marks):
    """(points of the line through what is complete, of the one that leads on to what still runs)."""
    whole = [mark for mark in marks if not mark.is_partial]
    running = [mark for mark in marks if mark.is_partial]
    tail = [*whole[-1:], *running] if running else []
    return tuple(" ".join(f"{mark.x},{mark.y}" for mark in part) for part in (whole, tail))


def grid_of(series):
    """Horizontal helper lines with their figures: [(y, '250'), …]."""
    top = round_top(max((point["value"] or 0 for point in series), default=0))
    return [(_height(top * part / 4, top), group_digits(round(top * part / 4))) for part in range(5)]


def _height(value, top):
    return round(HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM))
