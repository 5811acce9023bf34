"""Accounts of the branch, for its administrator: made, disabled, given one-time passwords and roles."""

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.routing import act, form_page, page
from core.text import fold
from people import services
from people.forms import AccountFilter, AccountForm, PostEndForm, RoleForm
from people.models import Post, User
from people.paging import page_of
from people.passwords import one_time_password
from people.selectors import administered_units
from people.views.posts import choose_unit, form_answer, made_before
from units.selectors import bodies_for

ADMIN = ("admin",)


def _user(request, pk):
    return get_object_or_404(User.objects.visible_to(request.user).select_related("person"), pk=pk)


def _version(request):
    word = request.POST.get("version", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1


@page(roles=ADMIN)
def user_list(request):
    form = AccountFilter(request.GET)
    today = timezone.localdate()
    users = _filtered(User.objects.visible_to(request.user), form, today).select_related("person").order_by("username")
    total = users.count()
    rows, pager = page_of(request, users, total)
    duties = _duties(request.user, [user.person_id for user in rows], today)
    rows = [{"user": user, "duties": duties.get(user.person_id, [])} for user in rows]
    return render(request, "people/user_list.html", {"form": form, "rows": rows, "total": total, **pager})


def _filtered(users, form, today):
    if not form.is_valid():
        return users.none()
    data = form.cleaned_data
    if data["q"]:
        users = users.filter(Q(username__icontains=data["q"]) | Q(person__search_text__contains=fold(data["q"])))
    if data["role"]:
        users = users.filter(person__in=Post.objects.on(today).filter(role=data["role"]).values("person"))
    if data["state"]:
        users = users.filter(is_active=data["state"] == "dang-dung")
    return users


def _duties(admin, person_ids, today):
    """{person id: [posts of the day that give a role, in the administrator's branch]}."""
    duties = {}
    posts = Post.objects.visible_to(admin).on(today).filter(person__in=person_ids).exclude(role="")
    for post in posts.select_related("unit", "body"):
        duties.setdefault(post.person_id, []).append(post)
    return duties


@page(roles=ADMIN)
def user_detail(request, pk):
    user = _user(request, pk)
    duties = _duties(request.user, [user.person_id], timezone.localdate()).get(user.person_id, [])
    trail = [{"label": "Tài khoản", "url": "/tai-khoan/"}, {"label": user.username}]
    context = {"account": user, "duties": duties, "is_own": user.pk == request.user.pk, "trail": trail}
    return render(request, "people/user_detail.html", context)


@form_page(roles=ADMIN)
def user_create(request):
    if user := made_before(request, User.objects):
        return redirect("user_detail", user.pk)
    today = timezone.localdate()
    units = administered_units(request.user, today)
    unit = units.filter(key=request.GET.get("don-vi", "")).first()
    if unit is None:
        return choose_unit(request, units, today, "Lập tài khoản")
    form = AccountForm(request.POST or None, user=request.user, unit=unit, bodies=bodies_for(unit, today))
    if request.method == "POST":
        password = one_time_password()
        user = form.run(services.create_account, actor=request.user, unit=unit, password=password, today=today)
        if user:
            return _show_password(request, user, password)
    return form_answer(request, form, "Lập tài khoản", "Lập tài khoản", sub=unit.name, back="/tai-khoan/")


def _url(user):
    return f"/tai-khoan/{user.pk}/"


def _show_password(request, user, password):
    """Shown in the answer to the act itself and kept nowhere."""
    return render(request, "people/user_password.html", {"account": user, "password": password})


@act(roles=ADMIN)
def user_reset_password(request, pk):
    user = _user(request, pk)
    password = services.reset_password(
        actor=request.user, user=user, version=_version(request), today=timezone.localdate()
    )
    return _show_password(request, user, password)


@act(roles=ADMIN)
def user_disable(request, pk):
    user = _user(request, pk)
    services.disable_account(actor=request.user, user=user, version=_version(request), today=timezone.localdate())
    messages.success(request, f"Đã khóa tài khoản {user.username}. Các phiên đăng nhập của tài khoản này đã đóng.")
    return redirect("user_detail", pk)


@act(roles=ADMIN)
def user_enable(request, pk):
    user = _user(request, pk)
    services.enable_account(actor=request.user, user=user, version=_version(request), today=timezone.localdate())
    messages.success(request, f"Đã mở lại tài khoản {user.username}.")
    return redirect("user_detail", pk)


@form_page(roles=ADMIN)
def role_add(request, pk):
    user, today = _user(request, pk), timezone.localdate()
    units = administered_units(request.user, today)
    unit = units.filter(key=request.GET.get("don-vi", "")).first()
    if unit is None:
        return choose_unit(request, units, today, f"Giao vai trò cho {user.username}")
    form = RoleForm(request.POST or None, unit=unit, bodies=bodies_for(unit, today))
    if request.method == "POST" and form.run(
        services.give_role, actor=request.user, person=user.person, unit=unit, today=today
    ):
        messages.success(request, f"Đã giao vai trò cho {user.username}.")
        return redirect("user_detail", pk)
    return form_answer(request, form, f"Giao vai trò cho {user.username}", "Giao", sub=unit.name, back=_url(user))


@form_page(roles=ADMIN)
def role_end(request, pk, post_pk):
    user, today = _user(request, pk), timezone.localdate()
    posts = Post.objects.visible_to(request.user).on(today).exclude(role="").select_related("unit")
    post = get_object_or_404(posts, pk=post_pk, person=user.person)
    form = PostEndForm(request.POST or None, initial={"on": today})
    if request.method == "POST" and form.run(services.end_right, actor=request.user, post=post):
        messages.success(request, f"Đã thu hồi vai trò {post.get_role_display()} của {user.username}.")
        return redirect("user_detail", pk)
    sub = f"{user.person.name} – {post.get_role_display()}, {post.unit.name}"
    hint = "Vai trò giao hôm nay thu hồi được từ ngày mai; nếu cần ngừng ngay, hãy khóa tài khoản."
    return form_answer(request, form, "Thu hồi vai trò", "Thu hồi", hint=hint, sub=sub, back=_url(user))
