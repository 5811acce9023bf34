"""The directory: who holds which post on a day, where a village post is vacant, and one person's posts."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from core.routing import page
from people.access import POST_EDITORS, may_manage_posts, may_read_phone
from people.directory import groups_of, holders_of, missing_of, posts_in, vacancies_in
from people.enums import Role
from people.forms import DirectoryFilter
from people.models import Person, Post
from people.paging import page_of
from people.rules import masked_email, masked_phone
from units.selectors import places_on

VACANT = "trong"


def _asked(request, today):
    """(the filter form, what it asks for); a unit or body out of reach finds nothing."""
    form = DirectoryFilter(request.GET, user=request.user, today=today)
    form.is_valid()
    data = form.cleaned_data
    filters = {key: data.get(key) for key in ("unit", "position")}
    return form, data.get("day") or today, filters | {"text": data.get("q", "")}, data


@page()
def directory(request):
    today = timezone.localdate()
    form, day, filters, data = _asked(request, today)
    posts = posts_in(request.user, day, body=data.get("body"), **filters)
    vacancies = vacancies_in(request.user, day, **filters)
    if form.errors:
        posts, vacancies = posts.none(), vacancies.none()
    holders = holders_of(posts)
    counts = {"held": holders.count(), "vacant": vacancies.count()}
    is_vacant_tab = data.get("view") == VACANT
    total = counts["vacant" if is_vacant_tab else "held"]
    rows, pager = page_of(request, vacancies if is_vacant_tab else holders, total)
    context = {
        "form": form,
        "day": day,
        "total": total,
        "shown": len(rows),
        "tabs": _tabs(request, counts, is_vacant_tab),
        "vacancies": [{"unit": row, "missing": missing_of(row)} for row in rows] if is_vacant_tab else [],
        "groups": [] if is_vacant_tab else groups_of(request.user, rows, day),
        "may_add": bool(request.user.roles & set(POST_EDITORS)),
        **pager,
    }
    return render(request, "people/directory.html", context)


def _tabs(request, counts, is_vacant_tab):
    query = request.GET.copy()
    for key in ("xem", "trang"):
        query.pop(key, None)
    held = f"?{query.urlencode()}"
    query["xem"] = VACANT
    return [
        {"label": "Đang giữ chức danh", "url": held, "count": counts["held"], "active": not is_vacant_tab},
        {
            "label": "Thôn, khu còn thiếu",
            "url": f"?{query.urlencode()}",
            "count": counts["vacant"],
            "active": is_vacant_tab,
        },
    ]


@page()
def person_detail(request, pk):
    today = timezone.localdate()
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    posts = Post.objects.filter(person=person).select_related("unit", "body").order_by("-valid_from", "pk")
    if person.pk != request.user.person_id:
        posts = posts.visible_to(request.user)
    rows = _posts(request.user, list(posts), today)
    may_contact = any(row["may_phone"] for row in rows)
    context = {
        "person": person,
        "posts": rows,
        "phone": person.phone if may_contact else masked_phone(person.phone),
        "email": person.email if may_contact else masked_email(person.email),
        "may_edit": any(row["may_change"] for row in rows),
        "trail": [{"label": "Danh bạ", "url": "/danh-ba/"}, {"label": person.name}],
    }
    return render(request, "people/person_detail.html", context)


def _posts(user, posts, today):
    places = places_on({post.unit_id for post in posts}, today)
    rows = []
    for post in posts:
        place = places.get(post.unit_id)
        current = post.valid_to is None and place is not None
        rows.append(
            {
                "post": post,
                "is_current": current,
                "may_change": current and post.role in ("", Role.VILLAGE) and may_manage_posts(user, place),
                "may_phone": may_read_phone(user, post.unit_id, place),
            }
        )
    return rows
