"""Who is meant by a row: somebody the directory knows, somebody new, or a question back. Pure."""

from core.errors import DomainError
from core.text import collation_key, fold


def name_key(name):
    """The same for 'Hoà' and 'Hòa', 'NGUYỄN VĂN AN' and 'Nguyễn Văn An'; tells 'Hà' from 'Hạ'."""
    words = []
    for word in name.lower().split():
        letters, _, tones = collation_key(word).partition("-")
        words.append(letters + max(tones, default="0"))
    return " ".join(words)


def is_alike(name, other):
    """The same name as people write it; one of them may lack all marks."""
    if name_key(name) == name_key(other):
        return True
    plain = fold(name)
    return plain == fold(other) and plain in (name.lower(), other.lower())


def match_person(world, draft, village_id, phone):
    """The id of the known person that a row means, None for somebody new; refused when it may be several."""
    word = fold(draft.name)
    found = [world.people[pk] for pk in sorted(world.namesakes.get((village_id, word), ()))]
    alike = [person for person in found if is_alike(draft.name, person.name)]
    holders = _holding(world, alike, village_id, draft.position)
    if not phone:
        return _by_name(draft, found, alike, holders)
    same = world.by_phone.get((word, phone), set())
    if len(same) > 1:
        raise DomainError(f"Danh bạ có {len(same)} người tên {draft.name} cùng số điện thoại. Hãy sửa danh bạ trước.")
    if same:
        return next(iter(same))
    if len(holders) == 1:
        return holders[0].pk
    unknown = [person for person in alike if not person.phone]
    if len(unknown) > 1:
        raise DomainError(
            f"Danh bạ có {len(unknown)} người tên {draft.name} chưa có điện thoại. Hãy sửa danh bạ trước."
        )
    return unknown[0].pk if unknown else None


def _holding(world, people, village_id, position):
    """Those of the people who hold this very post without an end."""
    held = {post.person_id for post in world.posts.get((village_id, position), ()) if post.end is None}
    return [person for person in people if person.pk in held]


def _by_name(draft, found, alike, holders):
    if len(holders) == 1:
        return holders[0].pk
    if len(alike) > 1:
        raise DomainError(f"Thôn, khu này có {len(alike)} người tên {draft.name}. Hãy ghi số điện thoại để phân biệt.")
    if alike:
        return alike[0].pk
    if found:
        raise DomainError(
            f"Danh bạ có {found[0].name} ở thôn, khu này. Nếu là một người, hãy ghi đúng dấu như danh bạ; "
            "nếu là người khác, hãy ghi số điện thoại."
        )
    return None
