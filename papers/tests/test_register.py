"""The register of issued papers, and the dated styles."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from core.paper import DRAFT, RECALLED, Paper, Signature
from meetings.models import IssuedPaper, PaperStyle
from papers.register import add_style, cancel_paper, default_style, issue_paper, paper_of, paper_symbol, style_on

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def make_paper(symbol="…-TB/ĐU", signed_on=TODAY):
    return Paper(
        regime="party",
        issuer="ĐẢNG ỦY XÃ ĐỒNG TÂM",
        symbol=symbol,
        place="Đồng Tâm",
        signed_on=signed_on,
        kind_title="Thông báo",
        subject="Kết luận",
        signatures=(Signature("BÍ THƯ", "Nguyễn Văn An"),),
        stamp=DRAFT,
    )


def issue(cast, kind="conclusion", host="party", paper=None, **fields):
    return issue_paper(
        paper or make_paper(),
        actor=fields.pop("actor", cast.commune),
        unit=fields.pop("unit", cast.tree.a1),
        kind=kind,
        host=host,
        today=TODAY,
        **fields,
    )


@pytest.mark.parametrize(
    ("kind", "host", "letters", "number", "symbol"),
    [
        ("conclusion", "party", "ĐU", "12", "12-TB/ĐU"),
        ("conclusion", "joint", "ĐU", "12", "12-TB/ĐU"),
        ("invitation", "party", "HU", "…", "…-GM/HU"),
        ("conclusion", "gov", "UBND", "12", "12/TB-UBND"),
        ("forwarding", "party", "ĐU", "12", "12-CV/ĐU"),
        ("reply", "gov", "UBND", "12", "12/UBND"),
    ],
)
def test_symbols(kind, host, letters, number, symbol):
    assert paper_symbol(kind, host, letters, number) == symbol


def test_numbers_run_by_unit_host_letters_and_year(cast):
    first, second = issue(cast), issue(cast)
    other_kind = issue(cast, "minutes")
    joint = issue(cast, host="joint")
    gov = issue(cast, host="gov")
    last_year = issue(cast, paper=make_paper(signed_on=date(2025, 12, 31)))
    elsewhere = issue(cast, actor=cast.other_commune, unit=cast.tree.a2)
    letters = [issue(cast, kind).number for kind in ("forwarding", "reply", "reminder")]
    assert [row.number for row in (first, second, joint)] == [1, 2, 3]
    assert [row.number for row in (other_kind, gov, last_year, elsewhere)] == [1, 1, 1, 1]
    assert letters == [1, 2, 3]
    assert (first.symbol, first.signer_name, joint.host) == ("01-TB/ĐU", "Nguyễn Văn An", "party")


def test_what_is_issued_is_frozen_and_logged(cast):
    row = issue(cast)
    paper = paper_of(IssuedPaper.objects.get())
    assert paper == make_paper().numbered(1)
    assert (paper.stamp, paper.symbol) == ("", "01-TB/ĐU")
    assert (row.commune_id, row.district_id) == (cast.tree.a1.pk, cast.tree.a.pk)
    assert Activity.objects.get(verb="paper.issue").after["symbol"] == "01-TB/ĐU"


def test_the_same_request_issues_once(cast):
    assert issue(cast, request_id="x") == issue(cast, request_id="x")
    assert IssuedPaper.objects.count() == 1


@pytest.mark.parametrize("who", ["other_commune", "leader", "agency", "outsider", "admin", "province_leader"])
def test_only_those_who_keep_the_meetings_issue_and_recall(cast, who):
    row = issue(cast)
    with pytest.raises(NotAllowed):
        issue(cast, actor=getattr(cast, who))
    with pytest.raises(NotAllowed):
        cancel_paper(row.pk, actor=getattr(cast, who), reason="Sai tên", today=TODAY)


def test_a_recalled_paper_keeps_its_number(cast):
    row = issue(cast)
    with pytest.raises(DomainError, match="Nhập lý do"):
        cancel_paper(row.pk, actor=cast.commune, reason="  ", today=TODAY)
    cancel_paper(row.pk, actor=cast.commune, reason="Sai tên đơn vị", today=TODAY)
    with pytest.raises(Conflict):
        cancel_paper(row.pk, actor=cast.commune, reason="Lần nữa", today=TODAY)
    row.refresh_from_db()
    assert (row.cancelled_on, row.cancel_reason, paper_of(row).stamp) == (TODAY, "Sai tên đơn vị", RECALLED)
    assert issue(cast).number == 2


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2013, 12, 31)])
def test_days_outside_life_and_future_are_refused(cast, day):
    with pytest.raises(DomainError):
        issue(cast, paper=make_paper(signed_on=day))


def test_the_province_issues_letters_too(cast):
    row = issue(cast, "forwarding", actor=cast.head, unit=cast.tree.province, opinion_id=1)
    assert (row.level, row.commune_id, row.number) == ("province", None, 1)


def test_a_style_of_the_province_wins_over_the_countrys_and_the_default(cast):
    province = cast.tree.province
    assert style_on("party", province.pk, TODAY).motto_pt == 15
    assert style_on("gov", province.pk, TODAY).issuer_pt == 13
    PaperStyle.objects.create(regime="party", document="399-QĐ/TW", valid_from=date(2026, 1, 9), motto_pt=14)
    own = {"province": province, "document": "1-HD/VPTU", "motto_pt": 13}
    PaperStyle.objects.create(regime="party", valid_from=date(2026, 6, 1), **own)
    days = (date(2026, 1, 8), date(2026, 1, 9), TODAY)
    assert [style_on("party", province.pk, day).motto_pt for day in days] == [15, 14, 13]


def test_styles_are_dated_rows(cast):
    def new(**fields):
        style = default_style("party")
        for name, value in ({"province": cast.tree.province, "document": "399-QĐ/TW"} | fields).items():
            setattr(style, name, value)
        return style

    first = add_style(new(valid_from=date(2026, 3, 1)), actor=cast.head, today=TODAY)
    again = add_style(new(valid_from=date(2026, 3, 1)), actor=cast.head, today=TODAY)
    add_style(new(valid_from=date(2026, 9, 1), body_pt=15), actor=cast.admin, today=TODAY)
    first.refresh_from_db()
    assert (first, first.valid_to) == (again, date(2026, 9, 1))
    with pytest.raises(DomainError, match="sau ngày 01/09/2026"):
        add_style(new(valid_from=date(2026, 5, 1)), actor=cast.head, today=TODAY)
    with pytest.raises(NotAllowed):
        add_style(new(valid_from=date(2026, 10, 1)), actor=cast.leader, today=TODAY)


def test_a_taken_number_is_never_given_twice(cast):
    """A row that came past the lock: the next free number is taken."""
    row = issue(cast)
    stray = replace(make_paper(), symbol="02-TB/ĐU")
    IssuedPaper.objects.create(
        unit=row.unit, level=row.level, province_id=row.province_id, district_id=row.district_id,
        commune_id=row.commune_id, host="party", kind="conclusion", year=2026, number=2, symbol=stray.symbol,
        subject="", signed_on=TODAY, content={}, issued_by_id=1,
    )  # fmt: skip
    assert issue(cast).number == 3
