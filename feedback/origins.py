"""Where an opinion was heard when it was no meeting: higher floors say here how their own things are shown.

An opinion keeps the word of its origin and an id; this floor knows neither what they mean nor who may see them. The
floor that does names a function once, when it is ready: (origin id, user) → {"label", "url"}, or None for a user who
may not see it.
"""

_finders = {}


def register_origin(word, find):
    """`find` answers for opinions whose `origin` is `word`."""
    _finders[word] = find


def origin_of(opinion, user):
    """What the opinion's page says of its origin to this user, or None."""
    find = _finders.get(opinion.origin)
    return find(opinion.origin_id, user) if find and opinion.origin_id else None
