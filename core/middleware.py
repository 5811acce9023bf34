"""What holds for every request: answer headers, limits on input and session, refusals told in Vietnamese."""

import logging

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers

from core import drafts
from core.activity import current_address
from core.errors import DomainError

logger = logging.getLogger("giaoban.access")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
IDLE_STEP = 60  # the idle clock is written at most once a minute


def client_address(request):
    """The caller's address: what the outermost trusted proxy saw, never what the caller claims."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if hops:
            address = hops[-min(settings.TRUSTED_PROXIES, len(hops))]
    return address[:45]


class AnswerHeaders:
    """No copy of a page stays behind, and no code but our own runs in it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.get("Cache-Control", "").startswith("public"):
            response["Cache-Control"] = "no-store, private"
            patch_vary_headers(response, ["Cookie"])
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        return response


class RequestLimits:
    """Too big a body is refused before it is read; the address of the caller goes to the activity log."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isascii() or not length.isdigit() or int(length) > settings.REQUEST_LIMIT:
            limit = settings.UPLOAD_LIMIT // (1024 * 1024)
            return _plain(f"Dữ liệu gửi lên quá lớn. Mỗi lần chỉ gửi tối đa {limit} MB.", 413)
        token = current_address.set(client_address(request))
        try:
            return self.get_response(request)
        finally:
            current_address.reset(token)


class SessionLimits:
    """A session ends 12 hours after signing in, or 30 minutes after the last act of a person."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.user.is_authenticated and self._is_over(request.session, timezone.now().timestamp()):
            request.expired_user_id = request.user.pk
            logout(request)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.user.is_authenticated and not getattr(view, "polling", False):
            now = timezone.now().timestamp()
            request.session.setdefault("began", now)
            if now - request.session.get("seen", 0) >= IDLE_STEP:
                request.session["seen"] = now

    @staticmethod
    def _is_over(session, now):
        too_old = now - session.get("began", now) > settings.SESSION_COOKIE_AGE
        return too_old or now - session.get("seen", now) > settings.SESSION_IDLE_SECONDS


class DraftsDone:
    """A form that led on (a redirect) has arrived: what was kept of it goes."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        owner_id = request.user.pk if request.method == "POST" and request.user.is_authenticated else None
        response = self.get_response(request)
        is_stopped = getattr(request.user, "must_change_password", False)
        if owner_id and response.status_code in (302, 303) and request.user.pk == owner_id and not is_stopped:
            self._drop(request, owner_id)
        return response

    @staticmethod
    def _drop(request, owner_id):
        if request.FILES:
            drafts.drop_files(request)
        tabs = request.POST.get("draft_tab", "").split()
        if asked := drafts.asked_draft(request):
            tabs.append(asked.tab)
        if tabs:
            drafts.drop_drafts(owner_id, tabs)


class KeptFiles:
    """A refused form keeps its files: they are shown on its page and sent again with it."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if request.method == "POST" and request.user.is_authenticated:
            drafts.return_files(request)

    def process_template_response(self, request, response):
        if request.method == "POST" and response.status_code in (409, 422) and request.user.is_authenticated:
            request.kept_files = drafts.keep_files(request, request.user.pk)
        return response


class Refusals:
    """A DomainError of a view becomes a page that says how to go on; unreadable characters never reach a view."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        texts = [request.path, *kwargs.values()]
        for data in (request.GET, request.POST):
            for key, values in data.lists():
                texts += [key, *values]
        if any(_is_unreadable(text) for text in texts if isinstance(text, str)):
            message = "Nội dung gửi lên có ký tự không đọc được. Hãy xóa ký tự lạ rồi gửi lại."
            return refused(request, message, 400)
        return None

    def process_exception(self, request, error):
        if not isinstance(error, DomainError):
            return None
        logger.warning("refused %s %s user=%s", error.status_code, request.path, request.user.pk)
        return refused(request, error.message, error.status_code)


def refused(request, message, status):
    """The page of a refusal; the same for a rule, a missing right and a conflict, with its own status."""
    return render(request, "core/refused.html", {"message": message, "status": status}, status=status)


def _is_unreadable(text):
    return "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text)


def _plain(message, status):
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
