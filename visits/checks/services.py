"""Check pairs: drawn once a quarter and unit with a seed that is written down, and what the checkers report."""

import secrets

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from core.text import clean_name, clean_text
from feedback.rules import check_content
from journal.services import notify_many
from people.models import User
from people.reads import title_of
from units.models import Unit
from units.reads import place_on
from visits.access import keeps, may_report_check
from visits.checks.rules import draw_pairs, draw_sample
from visits.models import CheckDraw, CheckPair, Visit

STALE = "Kết quả này vừa được lưu ở nơi khác, nên chưa ghi đè. Bản đang lưu hiện ở trên, phần vừa nhập còn ở dưới."


@transaction.atomic
def draw_checks(*, actor, unit, period, sample_size, seed="", request_id=None, today, now):
    """Draw who checks whom among the unit's cadres who went in the quarter (its code), with a sample of visits each.

    `seed`: what people agreed on before the drawing; empty: random. Replaying a `request_id` gives the first drawing.
    """
    known = CheckDraw.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    quarter = _quarter(period, today)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    place = place_on(unit, quarter.last)
    if not keeps(actor, place):
        raise NotAllowed("Chỉ đơn vị phân công cán bộ được bốc thăm kiểm tra chéo cho cán bộ của mình.", "unit")
    held = CheckDraw.objects.filter(unit=unit, period=quarter.code).first()
    if held:
        raise DomainError(f"{quarter.label} đã bốc thăm, số gieo {held.seed}. Mở lần bốc thăm đó để xem.", "period")
    visits = _visits_by_person(unit, quarter)
    seed = clean_name(seed)[:40] or secrets.token_hex(8)
    pairs = draw_pairs(visits, seed)
    draw = CheckDraw.objects.create(
        unit=unit, level=unit.level, period=quarter.code, seed=seed, candidates=sorted(visits),
        sample_size=sample_size, drawn_at=now, drawn_by_id=actor.pk, drawn_by_name=title_of(actor, today)[:200],
        request_id=request_id, **place.columns,
    )  # fmt: skip
    _keep_pairs(draw, pairs, visits)
    record(actor.pk, "check.draw", draw, after={"period": draw.period, "seed": seed, "candidates": draw.candidates})
    _tell_checkers(draw)
    return draw


def _quarter(word, today):
    quarter = Period.parse(word)
    if quarter.kind != "quarter":
        raise DomainError("Chọn một quý để bốc thăm.", "period")
    if today <= quarter.last:
        raise DomainError(
            f"{quarter.label} chưa hết nên chưa bốc thăm được, để lượt đi nào của quý cũng có thể được kiểm tra. "
            f"Bốc từ sau ngày {quarter.last:%d/%m/%Y}, hoặc chọn quý trước.",
            "period",
        )
    return quarter


def _visits_by_person(unit, quarter):
    """{person id: ids of the visits of the quarter, in the order of their numbers} of those who went for the unit."""
    visits = Visit.objects.counted().in_period(quarter).filter(post__unit=unit).order_by("pk")
    found = {}
    for person_id, pk in visits.values_list("person_id", "pk"):
        found.setdefault(person_id, []).append(pk)
    return found


def _keep_pairs(draw, pairs, visits):
    rows = CheckPair.objects.bulk_create(
        CheckPair(draw=draw, number=number, checker_id=checker, checked_id=checked, pool=visits[checked])
        for number, (checker, checked) in enumerate(pairs, 1)
    )
    through = CheckPair.visits.through
    through.objects.bulk_create(
        through(checkpair_id=pair.pk, visit_id=pk)
        for pair in rows
        for pk in draw_sample(pair.pool, draw.seed, draw.sample_size)
    )


def _tell_checkers(draw):
    pairs = {pair.checker_id: pair for pair in draw.pairs.select_related("checked")}
    users = User.objects.active().filter(person_id__in=pairs).values_list("pk", "person_id")
    notify_many(
        (
            user_id,
            f"check-pair-{pairs[person_id].pk}",
            f"Kiểm tra chéo {Period.parse(draw.period).label_inside}: xem các lượt đi của "
            f"{pairs[person_id].checked.name} và ghi kết quả.",
            pairs[person_id].get_absolute_url(),
        )
        for user_id, person_id in users
    )


@transaction.atomic
def report_check(pair_id, *, actor, version, result, today):
    """What the checker found, in words; may be written again until somebody else reads it in another version."""
    pairs = CheckPair.objects.visible_to(actor).select_for_update(of=("self",)).select_related("draw")
    pair = pairs.filter(pk=pair_id).first()
    if pair is None or not may_report_check(actor, pair):
        raise NotAllowed(
            "Chỉ người được bốc thăm đi kiểm tra ghi kết quả; đơn vị ghi thay khi người đó không có tài khoản."
        )
    if version != pair.version:
        raise Conflict(STALE)
    result = clean_text(result)
    if not result:
        raise DomainError("Nhập kết quả: đã hỏi ai, ở đâu, các lượt đi có đúng như đã ghi không.", "result")
    check_content(result)
    before = {"checked_on": pair.checked_on.isoformat() if pair.checked_on else None}
    pair.result, pair.checked_on = result, today
    pair.version += 1
    pair.save(update_fields=["result", "checked_on", "version"])
    record(actor.pk, "check.report", pair, before=before, after={"checked_on": today.isoformat(), "draw": pair.draw_id})
    return pair
