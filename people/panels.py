"""The three posts of a village on its page."""

from people.directory import posts_in
from people.enums import VILLAGE_POSITIONS
from people.querysets import DIRECTORY_ROLES
from units.panels import Line, Panel


def village_posts(user, village, day, today):
    """Who holds each of the three posts on the day; a post that nobody holds is said."""
    if not user.scope.unit_ids(DIRECTORY_ROLES):
        return None
    holders = {}
    for post in posts_in(user, day, village).select_related("person"):
        holders.setdefault(post.position, []).append(post)
    lines = [
        Line(position.label, ", ".join(post.person.name for post in holders.get(position, ())) or "chưa có người")
        for position in VILLAGE_POSITIONS
    ]
    return Panel("Ba chức danh của thôn, khu", lines, "")
