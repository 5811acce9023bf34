"""Named readers, names kept, complaints guarded, and what was said of them before."""

import pytest
from django.urls import reverse

from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from feedback.models import BasketItem, NamedReader, Opinion
from feedback.tests.builders import TODAY, record_one
from feedback.thread import moves
from feedback.thread.readers import close_to_post, hide_speaker, open_to_post, posts_to_name
from journal.models import Notice
from people.models import Post, User
from proceedings.preparation.services import put_in

pytestmark = pytest.mark.django_db
NAME, TITLE = "Lê Thị Hoa", "Trưởng thôn"


def fresh(user):
    """The same account as the next request meets it."""
    return User.objects.get(pk=user.pk)


def seen_by(user, opinion):
    return Opinion.objects.visible_to(fresh(user)).filter(pk=opinion.pk).exists()


def post_of(user):
    return Post.objects.get(person=user.person)


@pytest.fixture
def hidden(cast):
    """A restricted opinion of commune A1 that the district holds now."""
    opinion = record_one(cast.commune, cast.tree.a1, visibility="restricted")
    return moves.escalate_opinion(opinion.pk, actor=cast.commune, version=1, today=TODAY, note="Vượt thẩm quyền")


def test_a_named_post_reads_it_until_it_is_closed_or_its_term_ends(cast, hidden):
    assert not seen_by(cast.district, hidden)
    reader = open_to_post(hidden.pk, post_id=post_of(cast.district).pk, actor=cast.leader, today=TODAY)
    assert open_to_post(hidden.pk, post_id=reader.post_id, actor=cast.leader, today=TODAY) == reader
    assert seen_by(cast.district, hidden)
    assert not Opinion.objects.hidden_from(fresh(cast.district)).exists()
    post = Post.objects.filter(pk=reader.post_id)
    post.update(valid_to=TODAY)
    assert not seen_by(cast.district, hidden)
    post.update(valid_to=None)
    close_to_post(hidden.pk, post_id=reader.post_id, actor=cast.leader, today=TODAY)
    assert not seen_by(cast.district, hidden)
    logged = Activity.objects.filter(verb__endswith="_to").values_list("verb", flat=True)
    assert set(logged) == {"opinion.open_to", "opinion.close_to"}


@pytest.mark.parametrize("who", ["commune", "commune_leader", "district", "head", "other_leader"])
def test_only_those_who_decide_at_the_holder_open_it(cast, hidden, who):
    with pytest.raises(NotAllowed):
        open_to_post(hidden.pk, post_id=post_of(cast.cadre).pk, actor=fresh(getattr(cast, who)), today=TODAY)
    assert not NamedReader.objects.exists()


def test_only_posts_of_the_holders_branch_are_offered(cast, hidden):
    people = {post.person_id for post in posts_to_name(hidden, TODAY)}
    assert cast.district.person_id in people
    assert not people & {user.person_id for user in (cast.other_commune, cast.other_leader, cast.head, cast.outsider)}
    with pytest.raises(DomainError):
        open_to_post(hidden.pk, post_id=post_of(cast.other_commune).pk, actor=cast.leader, today=TODAY)


def test_the_page_opens_it_and_the_reading_is_logged(cast, hidden, signed_in):
    browser, url = signed_in(cast.leader), reverse("reader_name", args=[hidden.pk])
    assert browser.post(url, {"post": "x"}).status_code == 422
    assert browser.post(url, {"post": post_of(cast.district).pk}).status_code == 302
    assert cast.district.person.name in browser.get(hidden.get_absolute_url()).content.decode()
    assert signed_in(cast.district).get(hidden.get_absolute_url()).status_code == 200
    assert Activity.objects.filter(verb="opinion.read_restricted", actor_id=cast.district.pk).count() == 1
    assert (
        browser.post(reverse("reader_drop", args=[hidden.pk]), {"post": post_of(cast.district).pk}).status_code == 302
    )
    assert signed_in(cast.district).get(hidden.get_absolute_url()).status_code == 404


def test_a_name_that_is_kept_is_known_to_the_recording_unit_alone(cast, signed_in):
    opinion = record_one(cast.commune, cast.tree.a1, raised_by_name=NAME, raised_by_title=TITLE)
    url = reverse("speaker_hide", args=[opinion.pk])
    assert signed_in(cast.leader).post(url, {"hides": "on", "version": 1}).status_code == 403
    assert signed_in(cast.commune).post(url, {"hides": "on", "version": 1}).status_code == 302
    for who, sees in (("commune", True), ("commune_leader", True), ("leader", False), ("head", False)):
        browser = signed_in(getattr(cast, who))
        pages = [opinion.get_absolute_url(), opinion.meeting.get_absolute_url(), "/y-kien/in/", f"/y-kien/?q={NAME}"]
        words = "".join(browser.get(page).content.decode().replace(f'value="{NAME}"', "") for page in pages)
        words = words.replace(f"Từ khóa: {NAME}", "")  # what one typed oneself comes back as a chip
        assert (NAME in words) == sees, who
        assert (TITLE in words) == sees, who
        assert ("(không nêu tên)" in words) != sees, who


def test_hiding_needs_the_version_that_was_seen(cast):
    opinion = record_one(cast.commune, cast.tree.a1, raised_by_name=NAME)
    assert hide_speaker(opinion.pk, hides=True, actor=cast.commune, version=1, today=TODAY).version == 2
    with pytest.raises(Conflict):
        hide_speaker(opinion.pk, hides=False, actor=cast.commune, version=1, today=TODAY)


def test_a_complaint_is_guarded_and_what_quoted_it_is_hushed(cast, signed_in):
    village = cast.tree.villages[0]
    opinion = record_one(cast.commune, cast.tree.a1, "Tố cáo thu sai quỹ", village_id=village.pk, raised_by_name=NAME)
    item = put_in(cast.tree.a1, village, "Tố cáo thu sai quỹ", actor=cast.commune, today=TODAY)
    BasketItem.objects.filter(pk=item.pk).update(state="taken", opinion=opinion)
    moves.assign_opinion(opinion.pk, actor=cast.commune, version=1, today=TODAY, body=cast.bodies.commune)
    assert Notice.objects.filter(text__contains="thu sai quỹ").exists()
    page = signed_in(cast.commune).get(opinion.get_absolute_url()).content.decode()
    assert "dấu hiệu là khiếu nại, tố cáo" in page
    moves.redirect_opinion(opinion.pk, actor=fresh(cast.commune), version=2, today=TODAY, note="Gửi đơn đến Thanh tra")
    opinion.refresh_from_db()
    assert (opinion.visibility, opinion.hides_speaker, opinion.body_id) == ("restricted", True, None)
    for who in ("commune_agency", "district", "specialist", "village"):
        assert not seen_by(getattr(cast, who), opinion), who
    assert BasketItem.objects.get(pk=item.pk).visibility == "restricted"
    assert not Notice.objects.filter(text__contains="quỹ").exists()
    assert Notice.objects.filter(text__contains=f"YK-{opinion.pk}").exists()
    leader = signed_in(cast.leader).get(opinion.get_absolute_url()).content.decode()
    assert "(không nêu tên)" in leader
    assert NAME not in leader


def test_making_it_restricted_hushes_too(cast, signed_in):
    opinion = record_one(cast.commune, cast.tree.a1, "Chuyện riêng của thôn")
    moves.comment_opinion(opinion.pk, actor=cast.leader, version=1, today=TODAY, note="Xem lại")
    assert Notice.objects.filter(text__contains="Chuyện riêng").exists()
    browser = signed_in(cast.commune)
    edit = reverse("opinion_edit", args=[opinion.pk])
    data = browser.get(edit).context["form"].initial | {"version": 2, "visibility": "restricted", "hides_speaker": "on"}
    assert (
        browser.post(edit, {name: value for name, value in data.items() if value not in (None, False)}).status_code
        == 302
    )
    opinion.refresh_from_db()
    assert (opinion.visibility, opinion.hides_speaker) == ("restricted", True)
    assert not Notice.objects.filter(text__contains="Chuyện riêng").exists()
