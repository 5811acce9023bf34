"""Pages for those who review: the ladder of outcomes, the ages, the agenda, saved views, one word for many."""

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.routing import act, page
from feedback.desk.figures import (
    FEWEST,
    MOST_BODIES,
    MOST_HOLDERS,
    ages_by_topic,
    bodies_timeliness,
    holders,
    ladder_counts,
    list_url,
    rungs,
)
from feedback.desk.filters import AGES, ReviewFilter
from feedback.desk.reads import Desk
from feedback.desk.services import comment_many, drop_filter, save_filter
from feedback.page.views import MOST_AT_ONCE, STAFF_ROLES, ticked_ids


@page(roles=STAFF_ROLES)
def opinion_ladder(request):
    """Received, answered, done, confirmed: never the same number, each with both denominators and its list."""
    today, address = timezone.localdate(), reverse("opinion_list")
    form = ReviewFilter(request.GET, user=request.user, today=today)
    counts = ladder_counts(form.counted(), today)
    judged, kept, bodies_raised = form.of_bodies()
    bodies, body_count = bodies_timeliness(judged, today, kept, address)
    context = {
        "form": form,
        "counts": counts,
        "counted": counts["received"] - counts["excluded"],
        "rungs": rungs(counts, form.kept, address),
        "received_url": list_url(address, form.kept, {"trang-thai": "all"}),
        "due_url": list_url(address, form.kept, {"trang-thai": "all", "den-han": "on"}),
        "excluded_url": list_url(address, form.kept, {"trang-thai": "g-excluded"}),
        "bodies": bodies,
        "bodies_raised": bodies_raised,
        "body_count": body_count,
        "most_bodies": MOST_BODIES,
        "is_cut": body_count > MOST_BODIES,
        "few": FEWEST,
    }
    return TemplateResponse(request, "feedback/opinion_ladder.html", context, status=form.status_code)


@page(roles=STAFF_ROLES)
def opinion_ageing(request):
    """How long open opinions have waited, by topic and by who holds them."""
    today, address = timezone.localdate(), reverse("opinion_list")
    form = ReviewFilter(request.GET, user=request.user, today=today)
    waiting = form.counted().unresolved()
    holding, holder_count = holders(waiting, today, address, form.kept)
    bars, topics = ages_by_topic(waiting, today, address, form.kept)
    context = {
        "form": form,
        "bars": bars,
        "topics": topics,
        "ages": [bar["label"] for bar in bars],
        "holders": holding,
        "holder_count": holder_count,
        "is_cut": holder_count > MOST_HOLDERS,
        "total": sum(bar["value"] for bar in bars),
        "old_days": AGES["tren-90"][0] - 1,
    }
    return TemplateResponse(request, "feedback/opinion_ageing.html", context, status=form.status_code)


@page(roles=STAFF_ROLES)
def opinion_agenda(request):
    """A4 agenda of what is not settled, for the next meeting: late ones first."""
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    groups, is_cut = desk.agenda()
    hidden = desk.hidden_count()
    total = sum(len(rows) for _, rows in groups) + hidden
    context = {"desk": desk, "groups": groups, "hidden_count": hidden, "total": total, "today": today, "is_cut": is_cut}
    return TemplateResponse(request, "feedback/opinion_agenda.html", context, status=200 if desk.is_valid else 400)


@act(roles=STAFF_ROLES)
def opinion_comment_many(request):
    """One instruction for all ticked rows."""
    pks, tail = ticked_ids(request), Desk(request.GET, request.user, timezone.localdate()).kept
    if not 1 <= len(pks) <= MOST_AT_ONCE:
        messages.error(request, f"Đánh dấu từ 1 đến {MOST_AT_ONCE} ý kiến rồi gửi chỉ đạo.")
        return redirect(f"{reverse('opinion_list')}{tail}")
    note = request.POST.get("comment", "")
    done, refused = comment_many(pks, actor=request.user, today=timezone.localdate(), note=note)
    if done:
        messages.success(request, f"Đã ghi chỉ đạo vào {len(done)} ý kiến và báo cho nơi đang giữ.")
    for pk, reason in refused[:10]:
        messages.warning(request, f"YK-{pk} chưa ghi được. {reason}")
    return redirect(f"{reverse('opinion_list')}{tail}")


@act()
def filter_save(request):
    query = Desk(request.GET, request.user, timezone.localdate()).kept
    try:
        kept = save_filter(request.POST.get("name", ""), query, actor=request.user)
        messages.success(request, f"Đã lưu bộ lọc “{kept.name}”.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect(f"{reverse('opinion_list')}{query}")


@act()
def filter_drop(request, pk):
    drop_filter(pk, actor=request.user)
    messages.success(request, "Đã xóa bộ lọc.")
    return redirect("opinion_list")
