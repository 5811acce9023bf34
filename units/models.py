"""The dated hierarchy. A unit is never edited into another: it ends and another begins, linked by a succession."""

from django.db import models
from django.urls import reverse

from core.text import place_sort_key
from units.enums import BodyKind, Level, SuccessionKind, UnitKind
from units.querysets import BodyQuerySet, DatedQuerySet, UnitQuerySet


class Dated(models.Model):
    """Half-open life: in force from `valid_from`, no longer on `valid_to` (empty: still in force)."""

    valid_from = models.DateField("từ ngày")
    valid_to = models.DateField("đến trước ngày", null=True, blank=True)

    class Meta:
        abstract = True


class Sorted(models.Model):
    """`sort_key` puts names in the order of the Vietnamese alphabet, numbers as numbers, on every engine."""

    class Meta:
        abstract = True

    def save(self, *args, update_fields=None, **options):
        self.sort_key = place_sort_key(self.name)
        if update_fields is not None and "name" in update_fields:
            update_fields = [*update_fields, "sort_key"]
        super().save(*args, update_fields=update_fields, **options)


class Unit(Sorted, Dated):
    """One legal existence of a unit. `name` and `kind` repeat the latest version, for labels."""

    key = models.CharField(max_length=40, unique=True)
    level = models.CharField("cấp", max_length=10, choices=Level.choices)
    code = models.CharField("mã", max_length=20)
    name = models.CharField("tên", max_length=120)
    kind = models.CharField("loại", max_length=15, choices=UnitKind.choices)
    search_text = models.CharField(max_length=160)
    sort_key = models.CharField(max_length=600, editable=False)
    legal_basis = models.CharField("căn cứ", max_length=200, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["level", "code", "valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["level", "code", "valid_from"], name="unit_code_from"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="unit_life",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("unit_detail", args=[self.key])


class UnitVersion(Dated):
    """Name, kind and parent of a unit in a period."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="versions")
    name = models.CharField("tên", max_length=120)
    kind = models.CharField("loại", max_length=15, choices=UnitKind.choices)
    parent = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="child_versions")
    legal_basis = models.CharField("căn cứ", max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["valid_from"]
        constraints = [models.UniqueConstraint(fields=["unit", "valid_from"], name="unit_version_from")]

    def __str__(self):
        return self.name


class UnitSuccession(models.Model):
    """What a closed unit became; no successor: it was abolished."""

    predecessor = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="origins")
    kind = models.CharField(max_length=10, choices=SuccessionKind.choices)
    effective_on = models.DateField()
    legal_basis = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["effective_on", "id"]
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once")]

    def __str__(self):
        return f"{self.predecessor} → {self.successor or '—'}"


class UnitLineage(Dated):
    """Dated ancestors of every unit, itself included: the tree as one indexed table, rebuilt from the versions."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="lineage")
    ancestor = models.ForeignKey(Unit, models.CASCADE, related_name="descent")
    level = models.CharField("cấp của đơn vị trên", max_length=10, choices=Level.choices)

    objects = DatedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["ancestor", "unit"], name="lineage_down")]
        constraints = [models.UniqueConstraint(fields=["unit", "ancestor", "valid_from"], name="lineage_once")]

    def __str__(self):
        return f"{self.unit_id} ⊂ {self.ancestor_id}"


class UnitHeritage(models.Model):
    """Every closed unit whose records a unit has inherited, over any number of mergers."""

    heir = models.ForeignKey(Unit, models.CASCADE, related_name="heritage")
    origin = models.ForeignKey(Unit, models.CASCADE, related_name="heirs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["heir", "origin"], name="heritage_once")]

    def __str__(self):
        return f"{self.heir_id} ⇐ {self.origin_id}"


class UnitCluster(Dated):
    """A group of units that meet together (cụm xã, cụm thôn)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="clusters")
    name = models.CharField("tên cụm", max_length=120)
    members = models.ManyToManyField(Unit, related_name="member_of", verbose_name="đơn vị thành viên")
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["unit_id", "name"]

    def __str__(self):
        return self.name


class Body(Sorted, Dated):
    """An organisation at a unit: party committee, People's Committee, department, Front, mass organisation."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="bodies")
    kind = models.CharField("loại", max_length=10, choices=BodyKind.choices)
    name = models.CharField("tên hiện nay", max_length=160)
    sort_key = models.CharField(max_length=600, editable=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = BodyQuerySet.as_manager()

    class Meta:
        ordering = ["unit_id", "kind", "sort_key"]
        verbose_name = "cơ quan"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("body_detail", args=[self.pk])


class BodyName(Dated):
    """What a body was called in a period (Ban Dân vận → Ban Tuyên giáo và Dân vận)."""

    body = models.ForeignKey(Body, models.CASCADE, related_name="names")
    name = models.CharField("tên", max_length=160)
    legal_basis = models.CharField("căn cứ", max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["valid_from"]
        constraints = [models.UniqueConstraint(fields=["body", "valid_from"], name="body_name_from")]

    def __str__(self):
        return self.name
