"""A password that somebody else has seen is changed before anything else is done."""

from django.shortcuts import redirect

ALLOWED = {"password_change", "logout", "session_keep"}


class PasswordFirst:
    """Sends an account with a one-time password to the page where it chooses its own."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        user = request.user
        if not (user.is_authenticated and user.must_change_password) or getattr(view, "public_reason", ""):
            return None
        return None if request.resolver_match.url_name in ALLOWED else redirect("password_change")
