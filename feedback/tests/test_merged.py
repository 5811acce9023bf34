"""Matters that were merged into another: whoever asked is answered, in their own matter, and may say what they think.

Commune a1 (village 1 with its own account) and commune a2 raise the same thing; the district merges and answers.
"""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from conftest import make_user
from core.errors import DomainError
from feedback.enums import Verb
from feedback.models import Opinion
from feedback.tests.builders import TODAY, make_meeting, make_opinion, record_one
from feedback.thread import moves
from journal.models import Notice
from proceedings.preparation.readback import read_back_rows
from proceedings.preparation.services import read_back

pytestmark = pytest.mark.django_db
OWN, OTHER, THIRD = "Cầu treo thôn Một gãy ván", "Cầu treo xã bạn mục nát", "Cầu treo hỏng cả dây"
ANSWER = "Đã thay toàn bộ ván cầu."


def act(verb, opinion, actor, today=TODAY, **more):
    opinion.refresh_from_db()
    if "note" not in more and verb is not moves.merge_opinion:
        more["note"] = "Lý do"
    verb(opinion.pk, actor=actor, version=opinion.version, today=today, **more)
    opinion.refresh_from_db()


def at_district(cast, unit, text, **fields):
    fields = {"holder": cast.tree.a, "body": cast.bodies.district, "status": "in_progress"} | fields
    return make_opinion(unit, text, **fields)


@pytest.fixture
def own(cast):
    return at_district(cast, cast.tree.a1, OWN, village=cast.tree.villages[0])


@pytest.fixture
def other(cast):
    return at_district(cast, cast.tree.a2, OTHER)


def merge(cast, opinion, master):
    act(moves.merge_opinion, opinion, cast.leader, master=master)
    master.refresh_from_db()


def answer(cast, opinion, note=ANSWER, today=TODAY):
    act(moves.resolve_opinion, opinion, cast.agency, note=note, today=today)


def told(user):
    return list(Notice.objects.filter(recipient=user).order_by("pk").values_list("text", "url"))


def page(signed_in, user, opinion):
    answered = signed_in(user).get(opinion.get_absolute_url())
    assert answered.status_code == 200
    return answered.content.decode()


def test_the_answer_reaches_the_village_of_what_was_merged_and_only_the_answer(cast, signed_in, own, other):
    merge(cast, own, other)
    waiting = page(signed_in, cast.village, own)
    assert "kết quả sẽ báo ở đây" in waiting
    assert "đang giải quyết" in waiting
    Notice.objects.all().delete()
    answer(cast, other)
    for user in (cast.village, cast.commune):
        shown = page(signed_in, user, own)
        assert ANSWER in shown
        assert OTHER not in shown
        assert other.get_absolute_url() not in shown
        assert told(user) == [(f"Giải quyết xong: ý kiến số YK-{own.pk} “{OWN}”", own.get_absolute_url())]
    assert told(cast.other_commune) == [
        (f"Giải quyết xong: ý kiến số YK-{other.pk} “{OTHER}”", other.get_absolute_url())
    ]
    home = signed_in(cast.village).get("/").content.decode()
    assert ANSWER in home
    assert OTHER not in home


def test_every_notice_of_merging_answering_and_taking_up_again_leads_where_it_may_be_opened(
    cast, signed_in, own, other
):
    act(moves.assign_opinion, own, cast.leader, body=cast.bodies.commune)
    merge(cast, own, other)
    answer(cast, other)
    act(moves.confirm_opinion, own, cast.village, satisfaction="not", note="Ván vẫn gãy")
    act(moves.reopen_opinion, other, cast.district)
    answer(cast, other, "Đã thay dây.")
    act(moves.unmerge_opinion, own, cast.leader)
    notices = Notice.objects.select_related("recipient")
    assert {notice.recipient for notice in notices} >= {cast.village, cast.commune, cast.other_commune, cast.agency}
    for notice in notices:
        assert signed_in(notice.recipient).get(notice.url).status_code == 200, (notice.recipient, notice.text)
        texts = {cast.village: OTHER, cast.commune: OTHER, cast.other_commune: OWN}
        assert texts.get(notice.recipient, "\0") not in notice.text


def test_the_read_back_lists_it_with_the_answer_and_takes_what_the_room_says(cast, own, other):
    merge(cast, own, other)
    meeting = make_meeting(cast.tree.a1, TODAY)
    assert read_back_rows(meeting, cast.commune) == []
    answer(cast, other)
    (row,) = read_back_rows(meeting, cast.commune)
    assert (row["opinion"], row["answer"], row["word"], row["may_say"]) == (own, ANSWER, "Đã giải quyết xong", True)
    read_back(meeting.pk, own.pk, "satisfied", actor=cast.commune, version=row["opinion"].version, today=TODAY)
    own.refresh_from_db()
    assert (own.satisfaction, own.status) == ("satisfied", "duplicate")
    other.refresh_from_db()
    assert other.satisfaction == ""


def test_who_is_not_satisfied_says_why_and_those_who_answered_read_it(cast, signed_in, own, other):
    merge(cast, own, other)
    with pytest.raises(DomainError):
        act(moves.confirm_opinion, own, cast.village, satisfaction="satisfied")
    answer(cast, other)
    with pytest.raises(DomainError) as refusal:
        act(moves.confirm_opinion, own, cast.village, satisfaction="not", note=" ")
    assert refusal.value.field == "note"
    Notice.objects.all().delete()
    act(moves.confirm_opinion, own, cast.village, satisfaction="not", note="Ván vẫn gãy")
    for user in (cast.agency, cast.leader):
        assert "Ván vẫn gãy" in page(signed_in, user, other)
        assert any("Ván vẫn gãy" in text for text, _ in told(user))
    shown = page(signed_in, cast.other_commune, other)
    assert f"YK-{own.pk}" in shown
    assert "Ván vẫn gãy" not in shown
    assert "Người nêu chưa hài lòng" in page(signed_in, cast.leader, other)


def test_taking_the_answer_up_again_asks_everybody_anew(cast, signed_in, own, other):
    merge(cast, own, other)
    answer(cast, other)
    act(moves.confirm_opinion, own, cast.village, satisfaction="satisfied", note="")
    seen = own.version
    Notice.objects.all().delete()
    act(moves.reopen_opinion, other, cast.leader)
    own.refresh_from_db()
    assert (own.satisfaction, own.confirmed_on) == ("", None)
    assert told(cast.village) == [(f"Mở lại: ý kiến số YK-{own.pk} “{OWN}”", own.get_absolute_url())]
    assert ANSWER not in page(signed_in, cast.village, own)
    answer(cast, other, "Đã thay dây.")
    assert "Đã thay dây." in page(signed_in, cast.village, own)
    with pytest.raises(DomainError):
        moves.confirm_opinion(own.pk, actor=cast.village, version=seen, today=TODAY, satisfaction="satisfied")


def test_twice_dissatisfied_it_becomes_a_matter_of_its_own_above(cast, own, other):
    merge(cast, own, other)
    answer(cast, other)
    act(moves.confirm_opinion, own, cast.village, satisfaction="not", note="Chưa được")
    act(moves.reopen_opinion, other, cast.leader)
    answer(cast, other)
    act(moves.confirm_opinion, own, cast.village, satisfaction="not", note="Vẫn chưa được")
    assert (own.status, own.master, own.holder) == ("escalated", None, cast.tree.province)
    assert list(other.moves.order_by("pk").values_list("verb", flat=True))[-2:] == ["object", "split_off"]


def test_a_chain_is_one_level_and_everybody_in_it_is_answered(cast, signed_in, own, other):
    last = at_district(cast, cast.tree.a, THIRD)
    merge(cast, own, other)
    merge(cast, other, last)
    own.refresh_from_db()
    assert {own.master, other.master} == {last}
    assert own.moves.last().note == f"Theo YK-{other.pk} vào YK-{last.pk}."
    assert set(last.moves.filter(verb="merged_in").values_list("note", flat=True)) == {f"YK-{own.pk}", f"YK-{other.pk}"}
    Notice.objects.all().delete()
    answer(cast, last)
    for user, opinion in ((cast.village, own), (cast.commune, own), (cast.other_commune, other)):
        assert ANSWER in page(signed_in, user, opinion)
        assert [url for _, url in told(user)] == [opinion.get_absolute_url()]


def test_what_is_merged_into_an_answered_one_is_answered_at_once(cast, signed_in, own, other):
    answer(cast, other)
    Notice.objects.all().delete()
    merge(cast, own, other)
    assert ANSWER in page(signed_in, cast.village, own)
    assert [text.partition(":")[0] for text, _ in told(cast.village)] == ["Gộp vì trùng", "Giải quyết xong"]


def test_an_answer_written_into_the_meeting_later_is_told_too(cast, signed_in):
    from feedback.tests.builders import draft
    from feedback.thread.recording import edit_opinion

    master = record_one(cast.commune, cast.tree.a1, OTHER)
    merged = record_one(cast.commune, cast.tree.a1, OWN, village_id=cast.tree.villages[0].pk)
    act(moves.merge_opinion, merged, cast.commune, master=master)
    Notice.objects.all().delete()
    master.refresh_from_db()
    edit_opinion(master.pk, actor=cast.commune, version=master.version, draft=draft(OTHER, answer=ANSWER), today=TODAY)
    assert told(cast.village) == [
        (f"Trả lời tại hội nghị: ý kiến số YK-{merged.pk} “{OWN}”", merged.get_absolute_url())
    ]
    assert ANSWER in page(signed_in, cast.village, merged)


@pytest.mark.parametrize("ending", ["redirect", "withdraw"])
def test_when_no_answer_will_come_what_was_merged_is_taken_up_again(cast, signed_in, own, other, ending):
    """A complaint becomes restricted: nothing of it, not that it was one, is told to those merged into it."""
    merge(cast, own, other)
    Notice.objects.all().delete()
    act(getattr(moves, f"{ending}_opinion"), other, cast.leader, note="Chuyển Thanh tra huyện")
    own.refresh_from_db()
    assert (own.status, own.master) == ("in_progress", None)
    assert own.due_on > TODAY
    shown = page(signed_in, cast.village, own)
    assert "được xem xét riêng" in shown
    for text in (shown, *(text for text, _ in told(cast.village))):
        assert "Thanh tra" not in text
        assert OTHER not in text
        assert f"YK-{other.pk}" not in text
    assert [url for _, url in told(cast.village)] == [own.get_absolute_url()]
    late = at_district(cast, cast.tree.a1, "Muộn")
    with pytest.raises(DomainError):
        merge(cast, late, other)


def test_a_master_that_becomes_restricted_keeps_its_answer_to_itself(cast, signed_in):
    from feedback.tests.builders import draft
    from feedback.thread.recording import edit_opinion

    master = record_one(cast.commune, cast.tree.a1, OTHER)
    merged = record_one(cast.commune, cast.tree.a1, OWN, village_id=cast.tree.villages[0].pk)
    act(moves.merge_opinion, merged, cast.commune, master=master)
    master.refresh_from_db()
    secret = draft(OTHER, visibility="restricted", answer=ANSWER)
    edit_opinion(master.pk, actor=cast.commune, version=master.version, draft=secret, today=TODAY)
    merged.refresh_from_db()
    assert (merged.status, merged.master) == ("in_progress", None)
    assert ANSWER not in page(signed_in, cast.village, merged)


def test_restricted_matters_merge_only_where_the_same_people_read_both(cast, signed_in):
    mine, same, foreign = (
        at_district(cast, unit, text, visibility="restricted", body=None)
        for unit, text in ((cast.tree.a1, OWN), (cast.tree.a1, THIRD), (cast.tree.a2, OTHER))
    )
    with pytest.raises(DomainError) as refusal:
        merge(cast, mine, foreign)
    assert "hạn chế xem" in refusal.value.message
    merge(cast, mine, same)
    act(moves.resolve_opinion, same, cast.leader, note=ANSWER)
    assert ANSWER in page(signed_in, cast.commune, mine)
    Opinion.objects.filter(pk=mine.pk).update(master=foreign)  # merged before the rule
    Opinion.objects.filter(pk=foreign.pk).update(status="resolved", is_open=False, answer="Kín", settled_on=TODAY)
    assert "Kín" not in page(signed_in, cast.commune, mine)
    assert not Opinion.objects.filter(pk=mine.pk).answered().exists()


def test_answering_many_as_one_matter_tells_what_was_merged_in_its_own_words(cast, own, other):
    from feedback.matters.services import answer_matter
    from feedback.models import Matter

    matter = Matter.objects.create(
        title="Cầu treo xã bạn",
        unit=cast.tree.a,
        level="district",
        province=cast.tree.province,
        district=cast.tree.a,
        created_by_id=1,
        topic=own.topic,
        created_on=TODAY,
    )
    merge(cast, own, other)
    third = at_district(cast, cast.tree.a2, THIRD)
    Opinion.objects.filter(pk__in=[other.pk, third.pk]).update(matter=matter)
    Notice.objects.all().delete()
    answer_matter(matter.pk, Verb.RESOLVE, ANSWER, actor=cast.leader, version=matter.version, today=TODAY)
    assert told(cast.village) == [(f"Giải quyết xong: ý kiến số YK-{own.pk} “{OWN}”", own.get_absolute_url())]


def test_a_reply_letter_quotes_the_own_matter_and_the_common_answer(cast, own, other, signed_in):
    merge(cast, own, other)
    answer(cast, other)
    url = reverse("letter_draft", args=[own.pk, "tra-loi"])
    shown = signed_in(cast.commune).get(url)
    assert shown.status_code == 200
    assert OWN in shown.content.decode()
    assert ANSWER in shown.content.decode()
    assert OTHER not in shown.content.decode()


def test_chains_of_before_are_flattened(cast, own, other):
    last, top = at_district(cast, cast.tree.a, THIRD), at_district(cast, cast.tree.a, "Gốc")
    for opinion, master in ((own, other), (other, last), (last, top)):
        Opinion.objects.filter(pk=opinion.pk).update(master=master, status="duplicate", is_open=False)
    executor = MigrationExecutor(connection)
    node = next(key for key in executor.loader.disk_migrations if key[1].endswith("merged_one_level"))
    migration = executor.loader.disk_migrations[node]
    migration.operations[0].code(executor.loader.project_state(node).apps, None)
    assert set(Opinion.objects.exclude(master=None).values_list("master_id", flat=True)) == {top.pk}


def test_somebody_elsewhere_may_not_confirm_it(cast, signed_in, own, other):
    merge(cast, own, other)
    answer(cast, other)
    stranger = make_user("b1", "commune", cast.tree.b1)
    said = {"version": own.version, "satisfaction": "satisfied", "note": ""}
    assert signed_in(stranger).post(reverse("opinion_confirm", args=[own.pk]), said).status_code == 404
    assert signed_in(cast.other_commune).post(reverse("opinion_confirm", args=[own.pk]), said).status_code == 404
    assert signed_in(cast.village).post(reverse("opinion_confirm", args=[own.pk]), said).status_code == 302
