"""What the frame of every page shows: navigation by role, unread notices, who is signed in."""

from django.urls import reverse
from django.utils import timezone

from feedback.models import Opinion
from feedback.querysets import number_in
from journal.models import Notice
from people.enums import Role
from people.rules import holding

BRANCH = {
    Role.COMMUNE,
    Role.COMMUNE_LEADER,
    Role.DISTRICT,
    Role.LEADER,
    Role.SPECIALIST,
    Role.PROVINCE,
    Role.PROVINCE_LEADER,
}
NAVIGATION = [
    ("home", "Việc cần làm", None),
    ("meeting_list", "Hội nghị", BRANCH),
    ("opinion_list", "Ý kiến", BRANCH | {Role.AGENCY, Role.VILLAGE}),
    ("basket_list", "Gửi trước", {Role.VILLAGE}),
    ("tasking_list", "Việc giao", {Role.AGENCY}),
    ("relay_list", "Truyền đạt", {Role.VILLAGE}),
    ("visit_list", "Đi cơ sở", BRANCH | {Role.CADRE, Role.VILLAGE}),
    ("report_home", "Báo cáo", BRANCH),
    ("unit_list", "Đơn vị", None),
    ("directory", "Danh bạ", BRANCH | {Role.ADMIN}),
    ("user_list", "Tài khoản", {Role.ADMIN}),
    ("activity_list", "Nhật ký", {Role.ADMIN}),
]
"""URL name, label, and the roles it is for (None: everybody)."""


def frame(request):
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    roles = {grant.role for grant in user.scope.grants}
    return {
        "nav": [_link(request, *entry[:2]) for entry in NAVIGATION if entry[2] is None or entry[2] & roles],
        "unread_count": Notice.objects.visible_to(user).unread().count(),
        "sample_world": user.is_sample,
        "numbered": _numbered(request, user),
        "me": {"name": user.person.name, "posts": _posts(user)},
    }


def _link(request, name, label):
    url = reverse(name)
    active = request.path == url if name == "home" else request.path.startswith(url)
    return {"url": url, "label": label, "active": active}


def _posts(user):
    """In which posts the user works here today; of a closed unit, the last ones."""
    today = timezone.localdate()
    kept = [p for p in user.duties if holding(p.valid_from, p.valid_to, p.unit.valid_to, today)]
    return "; ".join(post.full_title for post in kept[:3])


def _numbered(request, user):
    """The opinion whose number was typed into the search box of any list, for those who may read it."""
    number = number_in(request.GET.get("q", "")[:40])
    return Opinion.objects.visible_to(user).filter(pk=number).only("pk").first() if number else None
