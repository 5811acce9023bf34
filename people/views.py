"""Posts: somebody takes one up, hands it over, gives it up; a name, phone or e-mail is corrected."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.activity import record
from core.drafts import COOKIE, remember_owner
from core.models import Activity
from core.routing import act, form_page, page, public
from core.text import fold
from people import services
from people.access import may_manage_posts, may_read_phone
from people.enums import POST_EDITORS, SCOPE_WORDS, Role
from people.forms import (
    AccountFilter,
    AccountForm,
    DirectoryFilter,
    EmailForm,
    HandOverForm,
    OwnPasswordForm,
    PersonForm,
    PostEndForm,
    PostForm,
    RoleForm,
    SignInForm,
    UnitChoice,
)
from people.models import Person, Post, User
from people.reads import administered_units, groups_of, holders_of, missing_of, page_of, posts_in, vacancies_in
from people.rules import masked_email, masked_phone, person_version
from people.services.accounts import one_time_password
from units.models import Unit
from units.naming import names_for, placed_body
from units.reads import bodies_for, places_on


def form_answer(request, form, heading, button, *, hint="", sub="", back="/danh-ba/"):
    """The page of a form; a refused one keeps what was typed."""
    context = {"form": form, "heading": heading, "button": button, "hint": hint, "sub": sub, "back": back}
    return render(request, "people/form.html", context, status=422 if form.is_bound else 200)


def choose_unit(request, units, today, heading):
    """First step: which unit? The answer comes back as ?don-vi=."""
    asked = "don-vi" in request.GET
    form = UnitChoice(request.GET if asked else None, units=units, today=today)
    return render(request, "people/choose_unit.html", {"form": form, "heading": heading}, status=422 if asked else 200)


def made_before(request, rows):
    """What the first sending of this form made: a second one leads there."""
    request_id = request.POST.get("request_id")
    return rows.visible_to(request.user).filter(request_id=request_id).first() if request_id else None


def _post(request, pk):
    posts = Post.objects.visible_to(request.user).on(timezone.localdate()).select_related("person", "unit", "body")
    return get_object_or_404(posts, pk=pk)


@form_page(roles=POST_EDITORS)
def post_create(request):
    if post := made_before(request, Post.objects):
        return redirect(post.person)
    today = timezone.localdate()
    units = Unit.objects.visible_to(request.user, today).on(today)
    unit = units.filter(key=request.GET.get("don-vi", "")).first()
    if unit is None:
        return choose_unit(request, units, today, "Ghi người giữ chức danh")
    initial = {"position": request.GET.get("chuc-danh"), "valid_from": today}
    bodies = bodies_for(unit, today)
    form = PostForm(request.POST or None, user=request.user, unit=unit, bodies=bodies, initial=initial)
    if request.method == "POST" and (post := form.run(services.appoint, actor=request.user, unit=unit)):
        messages.success(request, f"Đã ghi {post.person.name}: {post.label}, {unit.name}.")
        return redirect(post.person)
    return form_answer(
        request, form, "Ghi người giữ chức danh", "Ghi", sub=names_for(request.user, [unit.pk], today)[unit.pk]
    )


@form_page(roles=POST_EDITORS)
def post_end(request, pk):
    post = _post(request, pk)
    form = PostEndForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.run(services.end_post, actor=request.user, post=post):
        messages.success(request, f"Đã ghi {post.person.name} thôi giữ chức danh {post.label}.")
        return redirect(post.person)
    return form_answer(
        request,
        form,
        "Kết thúc nhiệm kỳ",
        "Kết thúc",
        sub=_words(request.user, post),
        back=post.person.get_absolute_url(),
    )


@form_page(roles=POST_EDITORS)
def post_hand_over(request, pk):
    if post := made_before(request, Post.objects):
        return redirect(post.person)
    post = _post(request, pk)
    form = HandOverForm(request.POST or None, user=request.user, initial={"on": timezone.localdate()})
    if request.method == "POST" and (new := form.run(services.hand_over_post, actor=request.user, post=post)):
        messages.success(request, f"Đã ghi bàn giao từ {post.person.name} cho {new.person.name}.")
        return redirect(new.person)
    return form_answer(
        request,
        form,
        "Bàn giao chức danh",
        "Bàn giao",
        sub=_words(request.user, post),
        back=post.person.get_absolute_url(),
    )


@form_page(roles=POST_EDITORS)
def person_edit(request, pk):
    person = get_object_or_404(Person.objects.visible_to(request.user), pk=pk)
    initial = {name: getattr(person, name) for name in ("name", "phone", "email")}
    initial["version"] = person_version(**initial)
    form = PersonForm(request.POST or None, initial=initial)
    today = timezone.localdate()
    if request.method == "POST" and form.run(services.edit_person, actor=request.user, person=person, today=today):
        messages.success(request, "Đã lưu.")
        return redirect(person)
    return form_answer(request, form, "Sửa họ tên, liên hệ", "Lưu", back=person.get_absolute_url())


def _words(user, post):
    place = names_for(user, [post.unit_id], timezone.localdate())[post.unit_id]
    return f"{post.person.name} – {post.label}, {placed_body(post.body.name, place) if post.body else place}"


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
    places = names_for(request.user, [row.pk for row in rows], day) if is_vacant_tab else {}
    context = {
        "form": form,
        "day": day,
        "total": total,
        "shown": len(rows),
        "tabs": _tabs(request, counts, is_vacant_tab),
        "vacancies": [{"unit": row, "name": places[row.pk], "missing": missing_of(row)} for row in rows]
        if is_vacant_tab
        else [],
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


SIGN_INS_SHOWN = 5


class SignIn(LoginView):
    """The same answer for an unknown name, a wrong password and a disabled account."""

    template_name = "people/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form):
        answer = super().form_valid(form)
        record(form.get_user().pk, "user.sign_in", form.get_user())
        return remember_owner(answer, form.get_user())

    def form_invalid(self, form):
        return self.render_to_response(self.get_context_data(form=form), status=422)


login = public("the door: strangers sign in here", methods=("GET", "HEAD", "POST"))(SignIn.as_view())


@act()
def sign_out(request):
    record(request.user.pk, "user.sign_out", request.user)
    logout(request)
    answer = redirect("login")
    answer.delete_cookie(COOKIE)
    answer["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@form_page()
def my_page(request):
    user, today = request.user, timezone.localdate()
    form = EmailForm(request.POST or None, initial={"email": user.email, "version": user.version})
    if request.method == "POST" and form.run(services.change_email, actor=user):
        messages.success(request, "Đã lưu thư điện tử.")
        return redirect("my_page")
    posts = Post.objects.on(today).filter(person=user.person).select_related("unit", "body").order_by("valid_from")
    context = {
        "form": form,
        "posts": posts,
        "duties": _own_duties(user),
        "sign_ins": Activity.objects.filter(actor_id=user.pk, verb="user.sign_in").order_by("-pk")[:SIGN_INS_SHOWN],
    }
    return render(request, "people/my_page.html", context, status=422 if form.is_bound else 200)


def _own_duties(user):
    """The scope in words: role, place, what it opens; an archive is said to be one."""
    posts = {(post.unit_id, post.role): post for post in user.person.posts.exclude(role="").select_related("unit")}
    duties = []
    for grant in user.scope.grants:
        post = posts[(grant.unit_id, grant.role)]
        words = SCOPE_WORDS[grant.role] if grant.writes else "Đơn vị đã kết thúc hoạt động: chỉ xem lại hồ sơ đã ghi."
        duties.append({"role": post.get_role_display(), "unit": post.unit, "words": words})
    return duties


@form_page()
def password_change(request):
    form = OwnPasswordForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = services.change_password(actor=request.user, password=form.cleaned_data["new_password1"])
        update_session_auth_hash(request, user)
        messages.success(request, "Đã đổi mật khẩu. Các phiên đăng nhập khác của tài khoản này đã được đóng.")
        return redirect("/")
    context = {"form": form, "is_forced": request.user.must_change_password}
    return render(request, "people/password_change.html", context, status=422 if form.is_bound else 200)
