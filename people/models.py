"""People, the posts they hold from-to, and the accounts that act through those posts."""

import unicodedata

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from people.enums import ImportState, Position, Role, title_at
from people.querysets import PersonQuerySet, PostQuerySet, RosterImportQuerySet, UserQuerySet
from people.scopes import scope_on
from units.models import Body, Dated, Unit


class Person(models.Model):
    """Somebody who takes part. No identity number, no party record: only what a meeting needs."""

    name = models.CharField("họ và tên", max_length=120)
    sort_key = models.CharField(max_length=600, db_index=True)
    search_text = models.CharField(max_length=160)
    phone = models.CharField("điện thoại", max_length=20, blank=True)
    email = models.EmailField("thư điện tử", blank=True)
    source_key = models.CharField(max_length=80, null=True, unique=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)

    objects = PersonQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "id"]
        verbose_name = "người"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("person_detail", args=[self.pk])


class Post(Dated):
    """Who holds which position at which unit or body, from-to. Rights come with it and end with its term."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="posts", verbose_name="người giữ chức danh")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="đơn vị")
    body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name="cơ quan")
    position = models.CharField("chức danh", max_length=30, choices=Position.choices)
    title = models.CharField("tên chức danh", max_length=120, blank=True)
    role = models.CharField("vai trò", max_length=20, choices=Role.choices, blank=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["unit_id", "position", "valid_from"]
        verbose_name = "chức danh"
        indexes = [
            models.Index(fields=["unit", "position", "valid_from"], name="post_roster"),
            models.Index(fields=["person", "role"], name="post_rights"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "unit", "position", "title", "role", "valid_from"], name="post_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=models.F("valid_from")),
                name="post_term",
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self):
        return self.title or self.get_position_display()

    @property
    def full_title(self):
        """'Trưởng Khu 1', 'Chánh Văn phòng UBND …': the post with where it is held."""
        return title_at(self.label, self.body.name if self.body else self.unit.name)

    @property
    def unit_title(self):
        """With its unit, also where it is held at a body of the unit."""
        return title_at(self.label, self.unit.name)


def as_username(value):
    """A sign-in name as it is stored: the case in which it is typed tells nobody apart."""
    return unicodedata.normalize("NFKC", value).strip().lower()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):
    def get_queryset(self):
        """With the person: every page says who is signed in."""
        return super().get_queryset().select_related("person")

    def get_by_natural_key(self, username):
        return super().get_by_natural_key(as_username(username))

    def create_user(self, username, password=None, **fields):
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account: one person, one sign-in. What it may do comes from the person's posts of the day."""

    username = models.CharField("tên đăng nhập", max_length=60, unique=True)
    email = models.EmailField("thư điện tử", blank=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="users", verbose_name="người dùng")
    is_active = models.BooleanField("đang hoạt động", default=True)
    is_sample = models.BooleanField("tài khoản mẫu", default=False)
    must_change_password = models.BooleanField("phải đổi mật khẩu", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        ordering = ["username"]
        verbose_name = "tài khoản"
        constraints = [models.CheckConstraint(condition=models.Q(username=Lower("username")), name="user_name_lower")]

    def __str__(self):
        return self.username

    def save(self, *args, **kwargs):
        self.username = as_username(self.username)
        super().save(*args, **kwargs)

    @cached_property
    def duties(self):
        """The posts that give a role, past ones too, with unit and body; read once per request.

        Each bears `origin_ids`: its unit and every unit whose records it inherited (one row each in the query).
        """
        posts = {}
        held = Post.objects.filter(person_id=self.person_id).exclude(role="").select_related("unit", "body")
        for row in held.annotate(origin_id=F("unit__heritage__origin_id")):
            post = posts.setdefault(row.pk, row)
            post.origin_ids = getattr(post, "origin_ids", {post.unit_id}) | ({row.origin_id} - {None})
        return list(posts.values())

    @cached_property
    def scope(self):
        """The Scope of today, read once per request."""
        return scope_on(self, timezone.localdate())

    @property
    def roles(self):
        return self.scope.roles


class RosterImport(models.Model):
    """A roster file on its way in: what was read, what it would change, and whether that was written.

    `digest` is that of the plan in `report`: only the plan that was seen is applied. The file is dropped once applied.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    name = models.CharField("tên tệp", max_length=200)
    path = models.CharField(max_length=120, blank=True)
    state = models.CharField("tình trạng", max_length=12, choices=ImportState.choices, default=ImportState.READING)
    digest = models.CharField(max_length=64, blank=True)
    report = models.JSONField(default=dict)
    message = models.CharField(max_length=500, blank=True)
    job_id = models.BigIntegerField(null=True)
    created_by_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=100, null=True, unique=True)

    objects = RosterImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "tệp danh sách"
        indexes = [models.Index(fields=["created_by_id", "-id"], name="roster_import_own")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("roster_detail", args=[self.pk])

    @property
    def is_waiting(self):
        return self.state in (ImportState.READING, ImportState.APPLYING)

    @property
    def is_ready(self):
        return self.state == ImportState.READY
