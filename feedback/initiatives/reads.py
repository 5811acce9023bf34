"""The list of initiatives and good practices, and what an opinion's page says of its own (reads only)."""

from django import forms
from django.db.models import Count, Q

from core.display import day_text
from core.forms import LeanSelect
from feedback.access import may_commend, may_follow
from feedback.desk.filters import OpinionFilter
from feedback.enums import FOLLOWED_KINDS, InitiativeStage, OpinionKind, Visibility
from feedback.models import Initiative, Opinion
from feedback.reads import EXCERPT, tone_of, word_of
from meetings.lists import addresses
from units.enums import Level
from units.models import Unit, UnitLineage

NOT_FOLLOWED, PROPOSED, COMMENDED = "chua", "de-nghi", "da-khen"
STAGES = [("", "Mọi giai đoạn"), (NOT_FOLLOWED, "Chưa theo dõi"), *InitiativeStage.choices]
COMMENDATIONS = [
    ("", "Mọi tình trạng khen"),
    (PROPOSED, "Đã đề nghị khen, chờ quyết định"),
    (COMMENDED, "Đã được khen"),
]
KINDS = [("", "Hiến kế và cách làm hay"), *((kind, OpinionKind(kind).label) for kind in FOLLOWED_KINDS)]
TONES = {
    InitiativeStage.PROPOSED: "waiting",
    InitiativeStage.STUDIED: "progress",
    InitiativeStage.ADOPTED: "done",
    InitiativeStage.DECLINED: "neutral",
}
COLUMNS = (
    *("pk", "text", "kind", "raised_on", "status", "answer", "visibility", "hides_speaker", "topic__name"),
    *("village__name", "commune__name", "district__name", "unit__name", "raised_by_name", "raised_by_title"),
    *("initiative__stage", "initiative__adopted_on", "initiative__effect", "initiative__commended_on"),
    *("initiative__proposed_for_commendation_on", "initiative__commendation", "spread_count"),
)
BY_DAY = ("-raised_on", "-pk")
MOST_PLACES = 300


class InitiativeFilter(OpinionFilter):
    """The desk's filters of place, field, period and words, with the stage and the commendation."""

    KEPT = ("q", "don-vi", "linh-vuc", "ky", "ranh-gioi")

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        kept = {name: self.fields[name] for name in self.KEPT}
        own = {
            "loai": _select("Loại", KINDS),
            "giai-doan": _select("Giai đoạn", STAGES),
            "khen": _select("Khen thưởng", COMMENDATIONS),
        }
        self.fields = kept | own
        self.is_fine = self.is_valid()

    def clean(self):
        return self.cleaned_data

    def rows(self):
        """Opinions that are followed, as the user may read them; none under wrong filters."""
        opinions = Opinion.objects.visible_to(self.user).filter(kind__in=FOLLOWED_KINDS)
        if not self.is_fine:
            return opinions.none()
        data = self.cleaned_data
        exact = {"topic__code": data.get("linh-vuc"), "kind": data.get("loai")}
        opinions = self.about(opinions.filter(**{name: value for name, value in exact.items() if value}))
        opinions = opinions.matching(data["q"]) if data.get("q") else opinions
        return opinions.filter(_stage(data.get("giai-doan")) & _commended(data.get("khen")))


def _select(label, choices):
    wrong = {"invalid_choice": f"{label} vừa chọn không có trong danh sách; mời chọn lại."}
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=LeanSelect(), error_messages=wrong)


def _stage(word):
    if not word:
        return Q()
    return Q(initiative=None) if word == NOT_FOLLOWED else Q(initiative__stage=word)


def _commended(word):
    if not word:
        return Q()
    if word == COMMENDED:
        return Q(initiative__commended_on__isnull=False)
    return Q(initiative__commended_on=None, initiative__proposed_for_commendation_on__isnull=False)


def with_spread(opinions):
    """Rows of COLUMNS, each with the number of other places that use it."""
    return opinions.annotate(spread_count=Count("initiative__spreads")).values(*COLUMNS)


def initiative_rows(found, limit=EXCERPT):
    """Prepared rows; whoever wished not to be named is not."""
    url_of = addresses("opinion_detail")
    for row in found:
        stage, text = row["initiative__stage"], row["text"]
        commended, proposed = row["initiative__commended_on"], row["initiative__proposed_for_commendation_on"]
        yield row | {
            "url": url_of(row["pk"]),
            "text": text if limit is None or len(text) <= limit else f"{text[: limit - 1]}…",
            "place": row["village__name"] or row["commune__name"] or row["district__name"] or row["unit__name"],
            "upper": (row["commune__name"] if row["village__name"] else row["district__name"]) or "",
            "who": "" if row["hides_speaker"] else _speaker(row),
            "kind": OpinionKind(row["kind"]).label,
            "is_restricted": row["visibility"] == Visibility.RESTRICTED,
            "stage": InitiativeStage(stage).label if stage else "Chưa theo dõi",
            "tone": TONES[stage] if stage else "neutral",
            "word": word_of(row["status"]),
            "status_tone": tone_of(row["status"]),
            "adopted_on": row["initiative__adopted_on"],
            "effect": row["initiative__effect"] or "",
            "praise": _praise(commended, proposed, row["initiative__commendation"]),
        }


def _speaker(row):
    return ", ".join(word for word in (row["raised_by_name"], row["raised_by_title"]) if word)


def _praise(commended_on, proposed_on, commendation):
    if commended_on:
        return f"{commendation}, {day_text(commended_on)}"
    return f"Đề nghị khen {day_text(proposed_on)}" if proposed_on else ""


def to_commend(user):
    """What was proposed for commendation and waits for the decision; never what is restricted."""
    opinions = Opinion.objects.visible_to(user).exclude(visibility=Visibility.RESTRICTED)
    return opinions.filter(_commended(PROPOSED), kind__in=FOLLOWED_KINDS)


def initiative_panel(opinion, user, today):
    """Stage, places and forms of the opinion's page; None for other kinds."""
    if opinion.kind not in FOLLOWED_KINDS:
        return None
    initiative = Initiative.objects.filter(opinion=opinion).first() or Initiative(opinion=opinion, version=0)
    return {
        "initiative": initiative,
        "stage": initiative.get_stage_display() if initiative.pk else "Chưa theo dõi",
        "tone": TONES[initiative.stage] if initiative.pk else "neutral",
        "spreads": list(initiative.spreads.select_related("unit")) if initiative.pk else [],
        "may_follow": may_follow(user, opinion),
        "may_commend": may_commend(user, opinion) and _is_proposed(initiative),
        "may_propose": may_follow(user, opinion) and _is_ready(initiative),
    }


def _is_proposed(initiative):
    return bool(initiative.proposed_for_commendation_on and not initiative.commended_on)


def _is_ready(initiative):
    return initiative.stage == InitiativeStage.ADOPTED and initiative.proposed_for_commendation_on is None


def places_to_spread(opinion, user, today):
    """Villages of the opinion's commune and communes of its district or province: [(pk, name)], where it may be used.

    A commune's staff chooses among its villages; levels above among their communes, too.
    """
    scope, near = user.scope, set()
    if opinion.commune_id:
        near |= set(_below([opinion.commune_id], Level.VILLAGE, today))
    wide = [pk for g in scope.content_grants if g.writes and g.level != Level.COMMUNE for pk in g.unit_ids]
    near |= set(_below(wide, Level.COMMUNE, today))
    near -= {opinion.village_id, opinion.commune_id}
    units = Unit.objects.filter(pk__in=near).order_by("-level", "code")
    return [(str(unit.pk), unit.name) for unit in units[:MOST_PLACES]]


def _below(unit_ids, level, today):
    if not unit_ids:
        return []
    found = UnitLineage.objects.filter(ancestor_id__in=unit_ids, unit__level=level).on(today)
    return found.values_list("unit_id", flat=True)
