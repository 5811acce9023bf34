"""Posts: somebody takes one up, hands it over, gives it up; a name, phone or e-mail is corrected."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.routing import form_page
from people import services
from people.access import POST_EDITORS
from people.forms import HandOverForm, PersonForm, PostEndForm, PostForm, UnitChoice
from people.models import Person, Post
from people.rules import person_version
from units.models import Unit
from units.selectors import bodies_for


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
    return form_answer(request, form, "Ghi người giữ chức danh", "Ghi", sub=unit.name)


@form_page(roles=POST_EDITORS)
def post_end(request, pk):
    post = _post(request, pk)
    form = PostEndForm(request.POST or None, initial={"on": timezone.localdate()})
    if request.method == "POST" and form.run(services.end_post, actor=request.user, post=post):
        messages.success(request, f"Đã ghi {post.person.name} thôi giữ chức danh {post.label}.")
        return redirect(post.person)
    return form_answer(
        request, form, "Kết thúc nhiệm kỳ", "Kết thúc", sub=_words(post), back=post.person.get_absolute_url()
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
        request, form, "Bàn giao chức danh", "Bàn giao", sub=_words(post), back=post.person.get_absolute_url()
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


def _words(post):
    return f"{post.person.name} – {post.label}, {post.body.name if post.body else post.unit.name}"
