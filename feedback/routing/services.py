"""Writing down which body usually takes a topic, and mending the list of topics."""

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from feedback.models import RoutingRule, Topic
from feedback.routing.reads import COLUMNS, kept_units
from meetings.access import may_keep_rules
from units.models import Body, Unit, UnitLineage

CHANGED = "Người khác vừa sửa mục này. Xem lại nội dung mới nhất rồi lưu nếu vẫn cần."


def rules_of(unit, topic):
    """{competence: body id} of one row of the matrix."""
    return dict(RoutingRule.objects.filter(unit=unit, topic=topic).values_list("competence", "body_id"))


def state_of(values):
    """What was on the screen, as the hidden `version` of forms whose rows carry none."""
    return ",".join(f"{key}={value}" for key, value in sorted(values.items()) if value)


def bodies_to_route(unit, today):
    """Bodies of the unit and of the units below it."""
    below = UnitLineage.objects.filter(ancestor_id=unit.pk).on(today).values("unit_id")
    return Body.objects.on(today).filter(unit_id__in=below)


@transaction.atomic
def set_routing(unit, topic, bodies, *, actor, seen, today):
    """Make the row of a topic say `bodies` {competence: Body or None}; `seen` is the state the actor looked at."""
    if unit.pk not in kept_units(actor):
        raise NotAllowed("Đồng chí không có quyền sửa phân công theo lĩnh vực của đơn vị này.")
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    before = rules_of(unit, topic)
    if seen != state_of(before):
        raise Conflict(CHANGED)
    after = {code: bodies[code].pk for code, _ in COLUMNS if bodies.get(code)}
    allowed = set(bodies_to_route(unit, today).filter(pk__in=after.values()).values_list("pk", flat=True))
    if set(after.values()) - allowed:
        raise DomainError("Chọn cơ quan của đơn vị hoặc của đơn vị trực thuộc.")
    changed = {code for code in {*before, *after} if before.get(code) != after.get(code)}
    RoutingRule.objects.filter(unit=unit, topic=topic, competence__in=changed).delete()
    rows = [RoutingRule(unit=unit, topic=topic, competence=code, body_id=after[code]) for code in changed & set(after)]
    RoutingRule.objects.bulk_create(rows)
    if changed:
        record(actor.pk, "routing.set", unit, {topic.code: before}, {topic.code: after})
    return len(changed)


@transaction.atomic
def edit_topic(topic_id, *, actor, name, order, valid_to, seen, today):
    """Rename, move or end a topic. Opinions keep theirs; an ended one is only offered no longer."""
    provinces = Unit.objects.filter(pk__in=actor.scope.unit_ids({"province", "specialist", "admin"}), level="province")
    if not any(may_keep_rules(actor, province) for province in provinces):
        raise NotAllowed("Chỉ cấp tỉnh được sửa danh mục lĩnh vực.")
    topic = Topic.objects.select_for_update().get(pk=topic_id)
    if seen != topic_state(topic):
        raise Conflict(CHANGED)
    if valid_to and valid_to <= topic.valid_from:
        raise DomainError("Ngày thôi dùng phải sau ngày bắt đầu dùng.", "valid_to")
    same = Topic.objects.choices_on(today).filter(name__iexact=name).exclude(pk=topic.pk)
    if same.exists():
        raise DomainError("Đã có lĩnh vực cùng tên. Nhập tên khác.", "name")
    before = {"name": topic.name, "order": topic.order, "valid_to": str(topic.valid_to or "")}
    topic.name, topic.order, topic.valid_to = name, order, valid_to
    topic.save(update_fields=["name", "order", "valid_to"])
    after = {"name": name, "order": order, "valid_to": str(valid_to or "")}
    record(actor.pk, "topic.edit", topic, before, after)
    return topic


def topic_state(topic):
    return f"{topic.name}|{topic.order}|{topic.valid_to or ''}"
