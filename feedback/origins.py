"""Where an opinion was heard when it was no meeting: higher floors say here how their own things are shown.

An opinion keeps the word of its origin and an id; this floor knows neither what they mean nor who may see them. The
floor that does names a function once, when it is ready: (origin id, user) → {"label", "url"}, or None for a user who
may not see it.
"""

_finders = {}
_page_parts = []


def register_origin(word, find):
    """`find` answers for opinions whose `origin` is `word`."""
    _finders[word] = find


def register_page_part(find):
    """`find(opinion, user, today)` answers more of the context of an opinion's page: papers about it, for instance."""
    _page_parts.append(find)


def page_parts(opinion, user, today):
    """What higher floors show on the page of an opinion, as one context."""
    return {name: value for find in _page_parts for name, value in find(opinion, user, today).items()}


def origin_of(opinion, user):
    """What the opinion's page says of its origin to this user, or None."""
    find = _finders.get(opinion.origin)
    return find(opinion.origin_id, user) if find and opinion.origin_id else None
