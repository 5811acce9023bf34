"""Signing in and out, and one's own account."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.views import LoginView
from django.shortcuts import redirect, render
from django.utils import timezone

from core.activity import record
from core.drafts import COOKIE, remember_owner
from core.models import Activity
from core.routing import act, form_page, public
from people import services
from people.forms import EmailForm, OwnPasswordForm, SignInForm
from people.models import Post
from people.words import SCOPE_WORDS

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
        "duties": _duties(user),
        "sign_ins": Activity.objects.filter(actor_id=user.pk, verb="user.sign_in").order_by("-pk")[:SIGN_INS_SHOWN],
    }
    return render(request, "people/my_page.html", context, status=422 if form.is_bound else 200)


def _duties(user):
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
