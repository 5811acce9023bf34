"""Matters: the list, one matter with its opinions, and the acts that answer or send on all of them at once."""

from collections import Counter

from django.contrib import messages
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict
from core.paging import keyset_page
from core.routing import act, form_page, page
from core.text import fold
from feedback.access import may_write_board_papers, works_at
from feedback.desk.reads import Desk
from feedback.desk.services import direct_point
from feedback.matters.forms import (
    AddForm,
    AnswerForm,
    DirectionForm,
    HandOutForm,
    MatterForm,
    MatterNameForm,
    MoreTimeForm,
    SendUpForm,
)
from feedback.matters.reads import (
    AGAIN,
    COMMUNES,
    MOST_SHOWN,
    VILLAGES,
    alarm_rows,
    alarms_for,
    board_reports,
    collected,
    matter_counts,
    matter_rows,
    member_rows,
    members_of,
    open_acts,
    open_members,
    point_rows,
    reach_of_acts,
)
from feedback.matters.services import (
    add_opinions,
    answer_matter,
    assign_matter,
    create_matter,
    edit_matter,
    escalate_matter,
    extend_matter,
    remove_opinion,
)
from feedback.models import BoardPoint, Matter, Opinion
from feedback.page.views import STAFF_ROLES, tell_waiting, ticked_ids
from feedback.querysets import number_in
from feedback.reads import COLUMNS, opinion_rows, own_bodies
from feedback.thread.steps import Awaited
from meetings.views import version_of
from units.enums import Level

READERS = (*STAFF_ROLES, "agency")
MATTER_COLUMNS = ("pk", "title", "topic__name", "unit__name", "created_on")
TABS = (("", "Chưa trả lời hết"), ("het", "Đã trả lời hết"), ("tat-ca", "Tất cả"))


def trail_of(label):
    opinions = {"label": "Ý kiến", "url": reverse("opinion_list")}
    return [opinions, {"label": "Vấn đề chung", "url": reverse("matter_list")}, {"label": label}]


@page(roles=READERS)
def matter_list(request):
    """Matters with something still open, all answered, or all; a word of the title narrows them."""
    tab, query = request.GET.get("xem", ""), request.GET.get("q", "")[:100]
    matters = Matter.objects.visible_to(request.user)
    waiting = Opinion.objects.visible_to(request.user).unresolved().filter(matter__isnull=False).values("matter")
    if tab != "tat-ca":
        matters = matters.exclude(pk__in=waiting) if tab == "het" else matters.filter(pk__in=waiting)
    if number := number_in(query):
        named = Opinion.objects.visible_to(request.user).filter(pk=number).values("matter")
        matters = matters.filter(Q(pk__in=named) | Q(search_text__contains=fold(query)))
    else:
        for word in fold(query).split():
            matters = matters.filter(search_text__contains=word)
    paged = keyset_page(matters.values(*MATTER_COLUMNS), ("-pk",), request.GET)
    context = {
        "rows": matter_rows(paged.rows, request.user),
        "paged": paged,
        "total": matters.count(),
        "tabs": [{"label": label, "url": f"?xem={key}" if key else "?", "active": key == tab} for key, label in TABS],
        "tab": tab,
        "query": query,
        "is_staff": bool(set(STAFF_ROLES) & request.user.roles),
    }
    return TemplateResponse(request, "feedback/matter_list.html", context)


@form_page(roles=STAFF_ROLES)
def matter_create(request):
    """A new matter; ticked rows of the desk come by POST without a title and only fill the form."""
    today, is_filled = timezone.localdate(), "request_id" in request.POST
    ids = ticked_ids(request)
    form = MatterForm(request.POST if is_filled else None, today=today, initial=_proposed(ids, request.user))
    if is_filled and form.is_valid():
        data = form.cleaned_data
        form.cleaned_data = {
            "title": data["title"],
            "topic_id": int(data["topic"]),
            "opinion_ids": data["numbers"],
            "request_id": data["request_id"],
        }
        if made := form.run(create_matter, actor=request.user, today=today):
            _tell_refused(request, made[1])
            return redirect(made[0])
    context = {"form": form, "trail": trail_of("Lập vấn đề")}
    return TemplateResponse(request, "feedback/matter_create.html", context, status=422 if form.is_bound else 200)


def _proposed(ids, user):
    """Numbers and the usual topic of the ticked rows; what was typed stays the user's."""
    found = dict(Opinion.objects.visible_to(user).filter(pk__in=ids).values_list("pk", "topic_id")) if ids else {}
    topic = Counter(found.values()).most_common(1)
    return {"numbers": ", ".join(f"YK-{pk}" for pk in ids if pk in found), "topic": topic[0][0] if topic else ""}


def _matter(request, pk):
    visible = Matter.objects.visible_to(request.user).select_related("unit", "topic")
    return get_object_or_404(visible, pk=pk)


@page(roles=READERS)
def matter_detail(request, pk):
    return _show(request, _matter(request, pk))


def _show(request, matter, status=200, **bound):
    """The page of a matter; `bound` holds a refused form under the name of its act."""
    user, today = request.user, timezone.localdate()
    opinions = open_members(matter, user)
    forms = {"name": MatterNameForm(matter=matter, today=today), "add": AddForm(matter=matter)}
    forms |= {"answer": AnswerForm(matter=matter), "escalate": SendUpForm(matter=matter)}
    forms |= {"extend": MoreTimeForm(matter=matter)}
    forms |= {"assign": HandOutForm(matter=matter, bodies=own_bodies(user, today), today=today)} | bound
    context = {
        "matter": matter,
        "trail": trail_of(matter.title),
        "counts": matter_counts(matter, user),
        "rows": list(member_rows(matter, user, today)),
        "acts": open_acts(matter, user, opinions),
        "reach": reach_of_acts(matter, user, opinions),
        "forms": forms,
        "bound": next(iter(bound.values()), None),
        "list_url": f"{reverse('opinion_list')}?trang-thai=all&van-de={matter.pk}",
        "reported": [opinion.pk for opinion in opinions] if may_write_board_papers(user) else [],
    }
    return TemplateResponse(request, "feedback/matter_detail.html", context, status=status)


@act(roles=STAFF_ROLES)
def matter_edit(request, pk):
    matter, today = _matter(request, pk), timezone.localdate()
    form = MatterNameForm(request.POST, matter=matter, today=today)
    if form.is_valid():
        data = form.cleaned_data
        form.cleaned_data = {"title": data["title"], "topic_id": int(data["topic"]), "version": data["version"]}
        if form.run(edit_matter, matter_id=pk, actor=request.user, today=today):
            messages.success(request, "Đã lưu tên vấn đề.")
            return redirect(matter)
    return _show(request, matter, 422, name=form)


@act(roles=STAFF_ROLES)
def matter_add(request, pk):
    matter = _matter(request, pk)
    form = AddForm(request.POST, matter=matter)
    if form.is_valid():
        form.cleaned_data["opinion_ids"] = form.cleaned_data.pop("numbers")
        if added := form.run(add_opinions, matter_id=pk, actor=request.user, today=timezone.localdate()):
            _tell_refused(request, added[1])
            return redirect(matter)
    return _show(request, matter, 422, add=form)


@act(roles=STAFF_ROLES)
def matter_remove(request, pk):
    matter, ids = _matter(request, pk), ticked_ids(request)
    member = get_object_or_404(members_of([matter], request.user), pk=ids[0] if ids else None)
    options = {"actor": request.user, "version": version_of(request), "today": timezone.localdate()}
    remove_opinion(pk, member.pk, **options)
    messages.success(request, f"Đã đưa YK-{member.pk} ra khỏi vấn đề.")
    return redirect(matter)


@act(roles=READERS)
def matter_answer(request, pk):
    matter = _matter(request, pk)
    return _act(request, matter, AnswerForm(request.POST, matter=matter), answer_matter, "answer", "trả lời")


@act(roles=STAFF_ROLES)
def matter_escalate(request, pk):
    matter = _matter(request, pk)
    return _act(request, matter, SendUpForm(request.POST, matter=matter), escalate_matter, "escalate", "chuyển lên")


@act(roles=STAFF_ROLES)
def matter_assign(request, pk):
    matter, today = _matter(request, pk), timezone.localdate()
    form = HandOutForm(request.POST, matter=matter, bodies=own_bodies(request.user, today), today=today)
    return _act(request, matter, form, assign_matter, "assign", "giao")


@act(roles=STAFF_ROLES)
def matter_extend(request, pk):
    matter, today = _matter(request, pk), timezone.localdate()
    form, awaited = MoreTimeForm(request.POST, matter=matter), Awaited(opinion__matter=pk)
    outcome = form.run(extend_matter, matter_id=pk, actor=request.user, today=today)
    if outcome is None:
        return _show(request, _matter(request, pk), 422, extend=form)
    if outcome.done:
        messages.success(request, f"Đã gia hạn {len(outcome.done)} ý kiến.")
    tell_waiting(request, awaited.sentences(today))
    _tell_refused(request, outcome.refused)
    return redirect(matter)


def _act(request, matter, form, service, name, word):
    """One act on all members: the page again with what was typed, or what was done and what was not."""
    options, awaited = {"actor": request.user, "today": timezone.localdate()}, Awaited(opinion__matter=matter.pk)
    outcome = form.run(service, matter_id=matter.pk, **options)
    if outcome is None:
        return _show(request, _matter(request, matter.pk), 422, **{name: form})
    if outcome.done:
        messages.success(request, f"Đã {word} chung {len(outcome.done)} ý kiến.")
    if outcome.told:
        told = (
            f"{len(outcome.told)} ý kiến do đơn vị khác giữ: đã ghi nội dung trả lời vào diễn biến để đơn vị đó dùng."
        )
        messages.info(request, told)
    tell_waiting(request, awaited.sentences(options["today"]))
    _tell_refused(request, outcome.refused)
    is_visible = Matter.objects.visible_to(request.user).filter(pk=matter.pk).exists()
    return redirect(matter if is_visible else "matter_list")


def _tell_refused(request, refused):
    for pk, reason in refused[:10]:
        messages.warning(request, f"YK-{pk}: {reason}")


BOARD_TABS = (("", "Còn chờ trả lời"), ("xong", "Đã trả lời hết"), ("tat-ca", "Tất cả"))


@page(roles=STAFF_ROLES)
def board_list(request):
    """Reports of the Ban Dân vận that are followed, with how far their points are."""
    tab = request.GET.get("xem", "")
    reports = board_reports(request.user)
    if tab != "tat-ca":
        reports = reports.filter(is_waiting=tab != "xong")
    paged = keyset_page(reports.select_related("unit"), ("-signed_on", "-pk"), request.GET)
    points = point_rows(paged.rows, request.user, timezone.localdate())
    rows = [
        {"paper": paper, "all": len(points[paper.pk]), "open": sum(row["is_open"] for row in points[paper.pk])}
        for paper in paged.rows
    ]
    tabs = [{"label": label, "url": f"?xem={key}" if key else "?", "active": key == tab} for key, label in BOARD_TABS]
    context = {"rows": rows, "paged": paged, "tabs": tabs, "total": reports.count()}
    context["may_write"] = may_write_board_papers(request.user)
    return TemplateResponse(request, "feedback/board_list.html", context)


@page(roles=STAFF_ROLES)
def board_detail(request, pk):
    return _show_board(request, pk)


def _show_board(request, pk, bound=None, status=200):
    """The points of one report; `bound`: (point id, refused form)."""
    paper, today = get_object_or_404(board_reports(request.user).select_related("unit"), pk=pk), timezone.localdate()
    rows = point_rows([paper], request.user, today)[paper.pk]
    may_direct = works_at(request.user, paper.unit_id)
    for row in rows:
        is_bound = bound is not None and bound[0] == row["point"].pk
        row["is_bound"] = is_bound
        row["form"] = bound[1] if is_bound else DirectionForm(point=row["point"], today=today)
        row["may_direct"] = may_direct and row["is_open"]
    trail = [{"label": "Ý kiến", "url": reverse("opinion_list")}, {"label": "Báo cáo của Ban Dân vận"}]
    trail[1]["url"] = reverse("board_list")
    context = {"paper": paper, "rows": rows, "trail": [*trail, {"label": paper.symbol}], "bound": bound and bound[1]}
    context |= {"open": sum(row["is_open"] for row in rows)}
    return TemplateResponse(request, "feedback/board_detail.html", context, status=status)


@act(roles=STAFF_ROLES)
def board_direct(request, pk):
    points = BoardPoint.objects.filter(paper__in=board_reports(request.user))
    point, today = get_object_or_404(points, pk=pk), timezone.localdate()
    form = DirectionForm(request.POST, point=point, today=today)
    options = {"point_id": pk, "actor": request.user, "today": today}
    try:
        done = form.run(direct_point, **options)
    except Conflict as refusal:
        form.add_error(None, refusal.message)
        form.data = form.data.copy() | {"version": point.version}
        return _show_board(request, point.paper_id, (pk, form), 409)
    if done is None:
        return _show_board(request, point.paper_id, (pk, form), 422)
    messages.success(request, f"Đã ghi ý kiến chỉ đạo cho điểm {point.number} và báo cho những nơi đã nêu.")
    return redirect(f"{reverse('board_detail', args=[point.paper_id])}#point-{pk}")


MOST_PRINTED = 500
ALARM_TABS = (("", "Tất cả", None), ("xa", "Trong một xã", Level.COMMUNE), ("huyen", "Ở nhiều xã", Level.DISTRICT))


@page(roles=STAFF_ROLES)
def alarm_list(request):
    today, tab = timezone.localdate(), request.GET.get("xem", "")
    level = next((level for key, _, level in ALARM_TABS if key == tab), None)
    every = alarms_for(request.user, today)
    alarms = [alarm for alarm in every if level in (None, alarm.level)]
    counts = {key: sum(one in (None, alarm.level) for alarm in every) for key, _, one in ALARM_TABS}
    context = {
        "rows": alarm_rows(alarms[:MOST_SHOWN], request.user),
        "total": len(alarms),
        "is_cut": len(alarms) > MOST_SHOWN,
        "most": MOST_SHOWN,
        "tabs": [
            {"label": label, "url": f"?xem={key}" if key else "?", "count": counts[key], "active": key == tab}
            for key, label, _ in ALARM_TABS
        ],
        "limits": {"villages": VILLAGES, "communes": COMMUNES, "again": AGAIN},
    }
    return TemplateResponse(request, "feedback/alarm_list.html", context)


@page(roles=STAFF_ROLES)
def alarm_material(request):
    """What was raised, by place, for those who prepare the meeting; under the desk's filters."""
    today = timezone.localdate()
    desk = Desk(request.GET, request.user, today)
    found = desk.rows.filter(collected(today)).order_by("commune__sort_key", "village__sort_key", "raised_on", "pk")
    rows, total = list(opinion_rows(found.values(*COLUMNS)[:MOST_PRINTED], today, limit=None)), found.count()
    context = {"desk": desk, "rows": rows, "total": total, "today": today}
    context["places"] = len({(row["place"], row["upper"]) for row in rows})
    context |= {"is_cut": total > MOST_PRINTED, "most": MOST_PRINTED, "title": _title(desk)}
    context["list_url"] = f"{reverse('opinion_list')}{desk.kept}"
    return TemplateResponse(request, "feedback/alarm_material.html", context, status=200 if desk.is_valid else 400)


def _title(desk):
    """'Giao thông – Xã Đồng Tâm', as far as the filters say."""
    names = (_label(desk.form, name) for name in ("linh-vuc", "don-vi"))
    return " – ".join(name for name in names if name)


def _label(form, name):
    word = form.data.get(name, "")
    return next((label for key, label in form.fields[name].choices if word and str(key) == word), "")
