"""Pure decisions about posts and their terms."""


def effective_end(post_end, unit_end):
    """The first day a post no longer counts: its own end or its unit's, whichever comes first (None: open)."""
    ends = [end for end in (post_end, unit_end) if end is not None]
    return min(ends) if ends else None


def holding(post_start, post_end, unit_end, today):
    """What a post gives on `today`: `"active"`, `"archive"` (it lasted until its unit ended: read only) or None."""
    if today < post_start:
        return None
    end = effective_end(post_end, unit_end)
    if end is None or today < end:
        return "active"
    outlived = unit_end is not None and (post_end is None or post_end >= unit_end)
    return "archive" if outlived and post_start < unit_end else None
