"""Asking for news of an opinion, or for none."""

from django.contrib import messages
from django.shortcuts import redirect

from core.routing import ALL_ROLES, act
from feedback.services.following import set_following
from feedback.views.opinions import visible_opinion


@act(roles=ALL_ROLES)
def opinion_follow(request, pk):
    opinion = visible_opinion(request, pk)
    set_following(pk, request.POST.get("choice", ""), actor=request.user)
    messages.success(request, f"YK-{pk}: đã lưu lựa chọn nhận thông báo.")
    return redirect(opinion)
