"""The review desk, its printed list, one opinion's page, and mending what was recorded."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.activity import record
from core.drafts import typed_before
from core.errors import DomainError, NotAllowed
from core.routing import ALL_ROLES, act, form_page, page
from feedback.access import may_edit, may_write_board_papers, writes_letters
from feedback.beside import beside_context
from feedback.desk import PRINTED, Desk
from feedback.detail import detail_context
from feedback.enums import LEDGER_KEEPERS
from feedback.forms.opinions import AssignManyForm, OpinionForm
from feedback.models import Opinion, SavedFilter
from feedback.selectors import own_bodies
from feedback.services.moves import assign_many
from feedback.services.recording import edit_opinion
from people.selectors import saved_by

STAFF_ROLES = ("commune", "commune_leader", "district", "leader", "specialist", "province", "province_leader")
MOST_AT_ONCE = 200


def visible_opinion(request, pk):
    related = ("meeting", "unit", "holder", "body", "topic", "village", "commune", "district", "province", "master")
    return get_object_or_404(Opinion.objects.visible_to(request.user).select_related(*related), pk=pk)


@page(roles=ALL_ROLES)
def opinion_list(request):
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    return _show_desk(request, desk, AssignManyForm(bodies=own_bodies(request.user, today), today=today))


def _show_desk(request, desk, many_form, status=200):
    paged, rows = desk.page()
    hidden = desk.hidden_count()
    context = {
        "desk": desk,
        "form": desk.form,
        "paged": paged,
        "rows": rows,
        "hidden_count": hidden,
        "total": desk.rows.count() + hidden,
        "tabs": desk.tabs(),
        "many_form": many_form,
        "may_assign": any(row["may_tick"] for row in rows),
        "action": request.path,
        "may_write_letters": writes_letters(request.user),
        "may_write_board": may_write_board_papers(request.user),
        "is_staff": bool(set(STAFF_ROLES) & request.user.roles),
        "may_import": bool(set(LEDGER_KEEPERS) & request.user.roles),
        "saved": list(SavedFilter.objects.filter(user=request.user)),
    }
    status = status if desk.is_valid else 400
    return TemplateResponse(request, "feedback/opinion_list.html", context, status=status)


@page(roles=ALL_ROLES)
def opinion_print(request):
    """The same list on paper; who printed how many rows is kept in the activity log."""
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    rows, hidden = desk.printed(), desk.hidden_count()
    record(request.user.pk, "opinion.print", request.user, after={"rows": len(rows)})
    total = desk.rows.count() + hidden
    context = {"desk": desk, "rows": rows, "hidden_count": hidden, "total": total, "today": today}
    context["is_cut"] = total - hidden > PRINTED
    return TemplateResponse(request, "feedback/opinion_print.html", context, status=200 if desk.is_valid else 400)


@act(roles=STAFF_ROLES)
def opinion_assign_many(request):
    """Hand out the ticked rows; what cannot be handed out is named with its reason."""
    today = timezone.localdate()
    form = AssignManyForm(request.POST, bodies=own_bodies(request.user, today), today=today)
    pks = ticked_ids(request)
    if not form.is_valid() or not 1 <= len(pks) <= MOST_AT_ONCE:
        if form.is_valid():
            form.add_error(None, f"Đánh dấu từ 1 đến {MOST_AT_ONCE} ý kiến rồi giao.")
        return _show_desk(request, Desk(request.GET, request.user, today), form, 422)
    done, refused = assign_many(pks, actor=request.user, today=today, **form.cleaned_data)
    if done:
        messages.success(request, f"Đã giao {len(done)} ý kiến cho {form.cleaned_data['body']}.")
    for pk, reason in refused[:10]:
        messages.warning(request, f"YK-{pk} chưa giao được. {reason}")
    return redirect(f"/y-kien/{Desk(request.GET, request.user, today).kept}")


def ticked_ids(request):
    """Ids of the rows that were ticked; what is no number is left out."""
    words = request.POST.getlist("opinion")
    return [int(word) for word in words if word.isascii() and word.isdecimal() and len(word) < 19]


@page(roles=ALL_ROLES)
def opinion_detail(request, pk):
    opinion = visible_opinion(request, pk)
    if opinion.is_restricted:
        record(request.user.pk, "opinion.read_restricted", opinion)
    return show_opinion(request, opinion)


def show_opinion(request, opinion, bound=None, status=200, **more):
    """The page of one opinion; `bound` is a refused form with what was typed, `more` what else was refused."""
    today = timezone.localdate()
    context = detail_context(opinion, request.user, today, request.GET, bound)
    context |= beside_context(opinion, request.user, today) | more
    return TemplateResponse(request, "feedback/opinion_detail.html", context, status=status)


@form_page(roles=STAFF_ROLES)
def opinion_edit(request, pk):
    opinion = visible_opinion(request, pk)
    if opinion.meeting is None or not may_edit(request.user, opinion):
        raise NotAllowed("Chỉ đơn vị ghi ý kiến được sửa, khi ý kiến chưa được giao và hội nghị chưa chốt.")
    form, clashes, status = OpinionForm(request.POST or typed_before(request), opinion=opinion), [], 200
    if request.method == "POST":
        form, clashes, status = _save_opinion(request, form)
        if status == 302:
            return redirect(opinion)
    context = {"form": form, "opinion": opinion, "clashes": form.clash_rows(clashes)}
    return TemplateResponse(request, "feedback/opinion_edit.html", context, status=status)


def _save_opinion(request, form):
    """(form, clashes, status): merged with what was saved since the form was opened, then saved or refused."""
    if not form.is_valid():
        return form, [], 422
    opinion = form.opinion
    found, data = form.merge()
    form = OpinionForm(data, opinion=opinion)
    if not form.is_valid():
        return form, [], 422
    if found.clashes:
        act = opinion.moves.order_by("-at", "-pk").values_list("actor_id", "at").first()
        words = saved_by(request.user, act)
        form.add_error(None, f"Trong lúc đồng chí nhập, ý kiến này {words}. Chọn từng mục ở bảng bên dưới.")
        return form, found.clashes, 409
    try:
        today = timezone.localdate()
        edit_opinion(opinion.pk, actor=request.user, version=opinion.version, draft=form.draft(), today=today)
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return form, [], refusal.status_code
    messages.success(request, "Đã lưu ý kiến.")
    if found.taken:
        labels = ", ".join(form.fields[name].label.lower() for name in found.taken)
        messages.info(request, f"Đã ghép với phần được lưu trong lúc đồng chí nhập: {labels}. Mời xem lại.")
    return form, [], 302
