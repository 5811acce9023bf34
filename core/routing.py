"""The policy of a URL, written on its view: who may open it and how. `routes` and the tests read it back.

@page(roles=("commune", "commune_leader"))   GET, HEAD; signed in
@act(roles=ALL_ROLES)                        POST only; signed in
@form_page(roles=…)                          GET, HEAD, POST: a form and its saving
@public("why a stranger may open it")        no sign-in
"""

from functools import wraps
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from core import drafts
from core.errors import NotAllowed

ALL_ROLES = (
    "commune",
    "commune_leader",
    "district",
    "leader",
    "agency",
    "specialist",
    "province",
    "province_leader",
    "cadre",
    "admin",
    "village",
)
BACK = "Phiên làm việc đã hết lúc đồng chí gửi, nên chưa lưu. Nội dung đã nhập còn đủ ở dưới: xem lại rồi bấm Lưu."
LOST_FILES = "Tệp {} không giữ lại được: đề nghị chọn lại trước khi gửi."
READ = ("GET", "HEAD")


def page(roles=ALL_ROLES):
    """A page that only reads."""
    return _guarded(roles, READ)


def act(roles=ALL_ROLES):
    """A change: POST only."""
    return _guarded(roles, ("POST",))


def form_page(roles=ALL_ROLES):
    """A form: GET shows it, POST saves it."""
    return _guarded(roles, (*READ, "POST"))


def public(reason, methods=READ):
    """A view for strangers, with the reason it may be one."""

    def decorate(view):
        return _marked(require_http_methods(list(methods))(view), (), methods, reason)

    return decorate


def polling(view):
    """Mark a view that a page asks by itself: its requests do not renew the session's idle clock."""
    view.polling = True
    return view


def unkept(view):
    """Mark a view that a page asks by itself: nobody is asked to type its fields again."""
    view.keeps_typed = False
    return view


def _guarded(roles, methods):
    unknown = set(roles) - set(ALL_ROLES)
    if unknown:
        raise ValueError(f"unknown roles: {sorted(unknown)}")

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return _to_sign_in(request, methods)
            if set(roles) != set(ALL_ROLES) and not set(roles) & set(request.user.roles):
                raise NotAllowed("Chức vụ của đồng chí không được dùng trang này. Hãy quay lại Việc cần làm.")
            if request.method == "GET" and drafts.ASKED in request.GET and (draft := drafts.asked_draft(request)):
                _bring_back(request, draft)
            return view(request, *args, **kwargs)

        return _marked(require_http_methods(list(methods))(guarded), tuple(roles), methods, "")

    return decorate


def _bring_back(request, draft):
    """Say what happened to a form that was sent too late; its files are with it again, or named."""
    request.kept_files, lost = drafts.files_before(request, draft)
    request.words_before = drafts.words_before(draft)
    messages.info(request, BACK)
    if lost:
        messages.warning(request, LOST_FILES.format(", ".join(f"“{name}”" for name in lost)))


def _marked(view, roles, methods, public_reason):
    view.keeps_typed = True
    view.roles, view.methods, view.public_reason = roles, tuple(methods), public_reason
    return view


def _to_sign_in(request, methods):
    """A stranger signs in first and comes back; a fragment asks the whole page to go there.

    What was typed is kept for who was signed in here, and the way back leads to it.
    """
    is_typed = request.method == "POST" and getattr(request.resolver_match.func, "keeps_typed", False)
    kept = drafts.keep_sent(request, has_page="GET" in methods) if is_typed else None
    here = request.get_full_path() if request.method in READ else "/"
    if request.headers.get("HX-Request"):
        here = request.headers.get("HX-Current-URL", "/")
        here = "/" + here.split("/", 3)[-1] if here.count("/") >= 3 else "/"
    here = kept or here
    target = f"{settings.LOGIN_URL}?{urlencode({'next': here})}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
