"""What was typed and not sent: on every machine of its owner, through a lost session, and for nobody else."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from conftest import PASSWORD
from core.drafts import KEPT, MOST_EARLIER, MOST_OF_ONE, tidy_drafts
from core.models import Draft, KeptFile
from feedback.models import Opinion
from feedback.tests.builders import draft, make_meeting
from feedback.thread.recording import record_opinions
from journal.models import Notice
from proceedings.tests.test_two_writers import Form, opened, send, words

pytestmark = pytest.mark.django_db
SESSION_OVER = "Phiên làm việc đã hết lúc đồng chí gửi"


@pytest.fixture
def meeting(cast):
    today = timezone.localdate()
    meeting = make_meeting(cast.tree.a1, today - timedelta(days=1), title="Hội nghị")
    record_opinions(meeting=meeting, drafts=[draft("Sửa đường")], actor=cast.commune, today=today)
    return meeting


@pytest.fixture
def officer(cast, signed_in):
    return signed_in(cast.commune)


def keep(browser, meeting, tab, **values):
    address = reverse("meeting_log", args=[meeting.pk])
    data = {"draft_form": f"meeting-{meeting.pk}", "draft_tab": tab, "draft_title": "Ghi hội nghị: Hội nghị"}
    return browser.post(reverse("draft_keep"), data | {"draft_address": address} | values)


def kept(browser, meeting):
    found = browser.get(reverse("draft_keep"), {"form": f"meeting-{meeting.pk}"}).json()["drafts"]
    return {row["tab"]: row["values"] for row in found}


def sign_in(browser, user, to):
    user.set_password(PASSWORD)
    user.save()
    return browser.post(to, {"username": user.username, "password": PASSWORD}, follow=True)


def test_two_windows_keep_their_own_and_another_machine_sees_both(officer, meeting, cast, signed_in):
    assert keep(officer, meeting, "a", place="Hội trường").status_code == 204
    keep(officer, meeting, "b", place="Nhà văn hóa")
    keep(officer, meeting, "a", place="Hội trường lớn")
    assert {tab: values["place"] for tab, values in kept(signed_in(cast.commune), meeting).items()} == {
        "a": ["Hội trường lớn"],
        "b": ["Nhà văn hóa"],
    }
    page = words(officer.get("/"))
    assert page.count("Đang ghi dở, lưu nháp lúc") == 1
    assert f'href="{reverse("meeting_log", args=[meeting.pk])}">Ghi hội nghị: Hội nghị<' in page


def test_nobody_else_sees_or_drops_a_draft(officer, meeting, cast, signed_in):
    keep(officer, meeting, "a", place="Hội trường")
    other = signed_in(cast.commune_leader)
    other.post(reverse("draft_drop"), {"draft_tab": "a"})
    address = f"{reverse('meeting_log', args=[meeting.pk])}?nhap={Draft.objects.get().pk}"
    assert kept(other, meeting) == {}
    assert "Đang ghi dở" not in words(other.get("/"))
    assert SESSION_OVER not in words(other.get(address))
    assert other.get(reverse("draft_keep"), {"nhap": Draft.objects.get().pk}).json() == {"drafts": []}
    assert kept(officer, meeting) != {}


def test_a_saved_form_takes_its_own_draft_away_and_a_refused_one_keeps_it(officer, meeting):
    for tab in ("mine", "other"):
        keep(officer, meeting, tab, place="Hội trường")
    page = opened(officer, meeting) | {"draft_tab": "mine"}
    assert send(officer, meeting, page, held_on="hôm qua").status_code == 422
    assert set(kept(officer, meeting)) == {"mine", "other"}
    assert send(officer, meeting, page, place="Hội trường").status_code == 302
    assert set(kept(officer, meeting)) == {"other"}


def test_old_drafts_are_tidied_and_one_person_keeps_so_many(officer, meeting):
    for number in range(MOST_OF_ONE + 1):
        keep(officer, meeting, f"tab-{number}", place="x")
    assert Draft.objects.count() == MOST_OF_ONE
    assert not Draft.objects.filter(tab="tab-0").exists()
    now = timezone.now()
    Draft.objects.filter(tab="tab-1").update(saved_at=now - KEPT - timedelta(minutes=1))
    Draft.objects.filter(tab="tab-2").update(saved_at=now - KEPT + timedelta(minutes=1))
    assert tidy_drafts(now) == 1
    assert not Draft.objects.filter(tab="tab-1").exists()


@pytest.mark.parametrize("address", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", ""])
def test_a_draft_leads_to_our_own_pages_only(officer, meeting, address):
    assert keep(officer, meeting, "a", draft_address=address).status_code == 400
    assert not Draft.objects.exists()


def grow_idle(browser):
    session = browser.session
    session["seen"] = timezone.now().timestamp() - settings.SESSION_IDLE_SECONDS - 60
    session.save()


def lose(browser):
    browser.session.flush()


@pytest.mark.parametrize("end", [grow_idle, lose])
def test_after_a_lost_session_the_same_form_is_there_with_everything(client, cast, meeting, end):
    sign_in(client, cast.commune, reverse("login"))
    page = opened(client, meeting)
    end(client)
    sent = send(client, meeting, page, conclusions="Kết luận gõ lâu", **{"opinions-0-text": "Sửa đường liên thôn"})
    assert sent.status_code == 302
    assert reverse("login") in sent.url
    back = sign_in(client, cast.commune, sent.url)
    said = words(back)
    assert SESSION_OVER in said
    assert "Kết luận gõ lâu" in said
    assert "Sửa đường liên thôn" in said
    meeting.refresh_from_db()
    assert meeting.conclusions == ""
    address = back.redirect_chain[-1][0]
    assert client.post(address, Form(back.content.decode()).data).status_code == 302
    meeting.refresh_from_db()
    assert meeting.conclusions == "Kết luận gõ lâu"
    assert meeting.opinions.get().text == "Sửa đường liên thôn"
    assert not Draft.objects.exists()


def test_another_user_who_signs_in_instead_sees_nothing_of_it(client, cast, meeting):
    sign_in(client, cast.commune, reverse("login"))
    page = opened(client, meeting)
    lose(client)
    sent = send(client, meeting, page, conclusions="Kết luận gõ lâu")
    said = words(sign_in(client, cast.commune_leader, sent.url))
    assert SESSION_OVER not in said
    assert "Kết luận gõ lâu" not in said


def test_nothing_is_kept_of_strangers_and_never_a_password(client, cast, meeting):
    send(client, meeting, {}, conclusions="Của ai?")
    assert not Draft.objects.exists()
    sign_in(client, cast.commune, reverse("login"))
    lose(client)
    client.post(reverse("password_change"), {"new_password1": "mot-mat-khau-moi", "new_password2": "mot-mat-khau-moi"})
    assert not Draft.objects.exists()


def test_a_meeting_closed_meanwhile_is_told_and_not_silently_left(officer, meeting):
    page = opened(officer, meeting)
    meeting.status = "locked"
    meeting.save()
    told = send(officer, meeting, page, conclusions="Gõ muộn")
    assert told.status_code == 409
    assert "không còn ghi được" in words(told)


def late_file(client, cast, opinion, name, content):
    """A file sent when the session was over, and the page one comes back to after signing in again."""
    sign_in(client, cast.commune, reverse("login"))
    lose(client)
    address = reverse("file_attach", args=[opinion.pk])
    came_from = f"http://testserver{opinion.get_absolute_url()}"
    file = SimpleUploadedFile(name, content)
    sent = client.post(address, {"file": file, "no_secret": "on"}, headers={"referer": came_from})
    return address, sign_in(client, cast.commune, sent.url)


def test_a_file_sent_after_the_session_ended_is_kept_and_sent_again(client, cast, meeting):
    opinion = meeting.opinions.get()
    address, back = late_file(client, cast, opinion, "Bien ban.pdf", b"%PDF-1.7 bien ban %%EOF")
    said = words(back)
    assert SESSION_OVER in said
    assert "Tệp “Bien ban.pdf” đã nhận" in said
    assert "không giữ lại được" not in said
    assert said.count('name="kept_file"') == 1
    data = {"kept_file": KeptFile.objects.get().pk, "no_secret": "on"}
    assert client.post(address, data).status_code == 302
    assert opinion.files.get().name == "Bien ban.pdf"
    assert not KeptFile.objects.exists()


def test_a_file_that_cannot_be_kept_is_named(client, cast, meeting):
    opinion = meeting.opinions.get()
    _, back = late_file(client, cast, opinion, "Bien ban.svg", b"<svg/>")
    assert "Tệp “Bien ban.svg” không giữ lại được: đề nghị chọn lại trước khi gửi." in words(back)
    assert not KeptFile.objects.exists()


def test_without_javascript_the_words_are_there_to_be_copied(client, cast, meeting):
    sign_in(client, cast.commune, reverse("login"))
    lose(client)
    sent = client.post(reverse("tasking_edit", args=[meeting.pk]), {"lines-0-text": "Nạo vét mương", "version": "1"})
    said = words(sign_in(client, cast.commune, sent.url))
    assert "<noscript>" in said
    assert '<li class="text-pre">Nạo vét mương</li>' in said


def test_earlier_versions_of_a_draft_are_kept_and_follow_it_into_another_window(officer, meeting, monkeypatch):
    now = timezone.now()
    long = "Kết luận dài của đồng chí chủ trì " * 20
    for minute, text in enumerate((long, f"{long} thêm", "Kết", "Kết luận"), 1):
        monkeypatch.setattr(timezone, "now", lambda minute=minute: now + timedelta(minutes=minute))
        keep(officer, meeting, "a", conclusions=text)

    def earlier(tab):
        found = officer.get(reverse("draft_keep"), {"form": f"meeting-{meeting.pk}"}).json()["drafts"]
        return [version["values"]["conclusions"] for row in found if row["tab"] == tab for version in row["earlier"]]

    assert earlier("a") == [[f"{long} thêm"], [long]]
    keep(officer, meeting, "b a", conclusions=f"{long} thêm nữa")
    assert earlier("b") == [["Kết luận"], [f"{long} thêm"], [long]]
    for minute in range(20, 20 + 11 * MOST_EARLIER, 11):
        monkeypatch.setattr(timezone, "now", lambda minute=minute: now + timedelta(minutes=minute))
        keep(officer, meeting, "b", conclusions=f"{long} {minute}")
    assert len(earlier("b")) == MOST_EARLIER


LONG = "Đề nghị làm rõ việc thu tiền của ông tổ trưởng ở Thôn 1"


def restrict(opinion, cast):
    form = {name: str(getattr(opinion, name)) for name in ("kind", "channel", "competence")}
    return draft(opinion.text, pk=opinion.pk, version=opinion.version, visibility="restricted", **form)


def test_drafts_and_files_of_those_who_may_no_longer_read_an_opinion_are_dropped(cast, meeting, signed_in, officer):
    today = timezone.localdate()
    village_id = cast.tree.villages[0].pk
    record_opinions(meeting=meeting, drafts=[draft(LONG, village_id=village_id)], actor=cast.commune, today=today)
    opinion = Opinion.objects.get(text=LONG)
    village = signed_in(cast.village)
    page = opinion.get_absolute_url()
    quoting = {"draft_form": "visit-new", "draft_address": "/", "note": f"Đã nghe: {LONG}."}
    about = {"draft_form": f"opinion-{opinion.pk}", "draft_address": page, "answer": "Đang gõ"}
    keep(village, meeting, "quotes", **quoting)
    keep(village, meeting, "about", **about)
    keep(village, meeting, "earlier", **quoting)
    keep(village, meeting, "earlier", **(quoting | {"note": "x"}))
    keep(village, meeting, "other", draft_form="visit-2", draft_address="/", note="Việc khác")
    keep(officer, meeting, "own", **quoting)
    late = KeptFile.objects.create(
        owner_id=cast.village.pk,
        action=f"{page}tep/",
        field="file",
        name="a.pdf",
        path="kept/none.pdf",
        size=1,
        kept_at=timezone.now(),
    )
    assert not Draft.objects.exclude(tab__in=["quotes", "about", "earlier", "other", "own"]).exists()
    assert village.get(page).status_code == 200
    record_opinions(meeting=meeting, drafts=[restrict(opinion, cast)], actor=cast.commune, today=today)
    assert village.get(page).status_code == 404
    assert set(Draft.objects.values_list("tab", flat=True)) == {"other", "own"}
    assert not KeptFile.objects.filter(pk=late.pk).exists()
    assert Notice.objects.get(recipient=cast.village, text__contains="bản nháp").text.endswith("không được xem nữa.")
    assert not Notice.objects.filter(recipient=cast.commune, text__contains="bản nháp").exists()
