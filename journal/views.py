"""One's own notices, and the activity log for administrators."""

from datetime import datetime, time, timedelta

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from core.forms import DayField, GuidedForm
from core.models import Activity
from core.paging import keyset_page
from core.routing import act, page
from journal import services
from journal.models import Notice
from journal.sentences import THINGS, target_words, verb_words
from people.enums import Role
from people.models import Person, User, as_username
from units.models import Body, Unit, UnitLineage


def activity_visible_to(user):
    """Lines about the administered branch, and what its accounts did that concerns no unit (signing in and out)."""
    branch = user.scope.unit_ids({Role.ADMIN})
    inside = Exists(UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("unit_id")))
    own_people = User.objects.visible_to(user).values("pk")
    placeless = Q(unit_id=None, province_id=None, actor_id__in=own_people)
    return Activity.objects.filter(Q(province_id__in=branch) | inside | placeless)


NAMED = {"units.unit": (Unit, "name"), "units.body": (Body, "name"), "people.user": (User, "username")}
NAMED |= {"people.person": (Person, "name")}
"""Kinds that an administrator knows by name: what else a line is about is content."""


def names_of(rows):
    """{(kind, id): name} of what rows of the log are about, one query a kind."""
    names = {}
    for kind, (model, column) in NAMED.items():
        ids = {row["target_id"] for row in rows if row["target_kind"] == kind}
        found = model.objects.filter(pk__in=ids).values_list("pk", column) if ids else ()
        names |= {(kind, pk): name for pk, name in found}
    return names


CHOICES = [("", "Tất cả"), *((thing, label) for thing, label in THINGS.items() if thing not in {"units", "meetings"})]


class ActivityFilter(GuidedForm):
    actor = forms.CharField(label="Tên đăng nhập", required=False, max_length=60)
    thing = forms.ChoiceField(label="Về", required=False, choices=CHOICES)
    day = DayField(label="Ngày", required=False)
    names = {"actor": "nguoi", "thing": "ve", "day": "ngay"}

    def add_prefix(self, field_name):
        return self.names.get(field_name, field_name)


ALL = "tat-ca"
COLUMNS = ("pk", "at", "actor_id", "verb", "target_kind", "target_id", "address")


@page()
def notice_list(request):
    notices = Notice.objects.visible_to(request.user)
    unread_count = notices.unread().count()
    shows_all = request.GET.get("xem") == ALL
    if not shows_all:
        notices = notices.unread()
    total = notices.count()
    shown = keyset_page(notices.values("pk", "text", "lines", "url", "created_at", "read_at"), ("-pk",), request.GET)
    for row in shown.rows:
        row["lines"] = row["lines"].splitlines()
    tabs = [
        {"label": "Chưa đọc", "url": "?", "count": unread_count, "active": not shows_all},
        {"label": "Tất cả", "url": f"?xem={ALL}", "active": shows_all},
    ]
    context = {"page": shown, "total": total, "tabs": tabs, "unread": unread_count, "shows_all": shows_all}
    return render(request, "journal/notice_list.html", context)


@act()
def notice_open(request, pk):
    notice = get_object_or_404(Notice.objects.visible_to(request.user), pk=pk)
    services.read_notice(actor=request.user, notice=notice, now=timezone.now())
    is_ours = notice.url.startswith("/") and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if is_ours else "notice_list")


@act()
def notice_read_all(request):
    services.read_all_notices(actor=request.user, now=timezone.now())
    return redirect("notice_list")


@page(roles=("admin",))
def activity_list(request):
    form = ActivityFilter(request.GET)
    lines = _filtered(activity_visible_to(request.user), form)
    total = lines.count()
    shown = keyset_page(lines.values(*COLUMNS), ("-pk",), request.GET)
    names = dict(User.objects.filter(pk__in={row["actor_id"] for row in shown.rows}).values_list("pk", "username"))
    known = names_of(shown.rows)
    for row in shown.rows:
        row["actor"] = names.get(row["actor_id"], "Hệ thống" if row["actor_id"] is None else "")
        row["words"] = verb_words(row["verb"])
        row["about"] = _named(row, known)
    context = {"form": form, "page": shown, "total": total}
    return render(request, "journal/activity_list.html", context)


def _named(row, known):
    """A unit, a body, an account by its name; everything else by its kind and number."""
    name = known.get((row["target_kind"], row["target_id"]))
    return name or target_words(row["verb"], row["target_kind"], row["target_id"])


def _filtered(lines, form):
    if not form.is_valid():
        return lines.none()
    data = form.cleaned_data
    if data["actor"]:
        lines = lines.filter(actor_id__in=User.objects.filter(username=as_username(data["actor"])).values("pk"))
    if data["thing"]:
        lines = lines.filter(verb__startswith=f"{data['thing']}.")
    if data["day"]:
        start = timezone.make_aware(datetime.combine(data["day"], time.min))
        lines = lines.filter(at__gte=start, at__lt=start + timedelta(days=1))
    return lines
