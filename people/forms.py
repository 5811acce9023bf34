"""Ways in: sign-in, one's own account, the directory's filters, posts and accounts."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, UsernameField
from django.utils import timezone

from core.errors import DomainError
from core.forms import DayField, GuidedFields, GuidedForm, NameField, PersonNameField
from core.text import clean_person_name
from people.enums import ROLE_LEVELS, VILLAGE_POSITIONS, Position, Role, title_at
from people.models import as_username
from people.reads import namesakes
from people.rules import clean_phone
from units.enums import Level
from units.forms import ChangeForm, NewForm, ServiceForm
from units.models import Body, Unit
from units.naming import labels_of, placed_names

OF_VILLAGES = (*VILLAGE_POSITIONS, Position.CELL_DEPUTY, Position.VILLAGE_DEPUTY, Position.RESIDENTS_REP)
SOMEBODY_NEW = "moi"
MANY_UNITS = 60


class SignInForm(GuidedFields, AuthenticationForm):
    username = UsernameField(label="Tên đăng nhập", widget=forms.TextInput(attrs={"autofocus": True}))
    password = forms.CharField(
        label="Mật khẩu", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {
        "invalid_login": "Tên đăng nhập hoặc mật khẩu không đúng. Mời kiểm tra phím Caps Lock, bộ gõ và nhập lại.",
        "inactive": "Tên đăng nhập hoặc mật khẩu không đúng. Mời kiểm tra phím Caps Lock, bộ gõ và nhập lại.",
    }

    def clean_username(self):
        """As it is stored, so that wrong tries count together whatever the case."""
        return as_username(self.cleaned_data["username"])


class OwnPasswordForm(GuidedFields, PasswordChangeForm):
    error_messages = {
        "password_mismatch": "Hai lần nhập mật khẩu mới khác nhau. Mời nhập lại cho khớp.",
        "password_incorrect": "Mật khẩu hiện nay không đúng. Mời nhập lại.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "Mật khẩu hiện nay"
        self.fields["new_password1"].label = "Mật khẩu mới"
        self.fields[
            "new_password1"
        ].help_text = "Ít nhất 10 ký tự. Nên dùng một câu ngắn dễ nhớ; không dùng tên phần mềm, tên cơ quan hay dãy số."
        self.fields["new_password2"].label = "Nhập lại mật khẩu mới"
        self.fields["new_password2"].help_text = ""


class EmailForm(ChangeForm):
    email = forms.EmailField(
        label="Thư điện tử", required=False, help_text="Để nhận thông báo qua thư. Để trống nếu không cần."
    )


class UnitOptions(forms.ModelChoiceField):
    """A unit of one's scope: the list offers the levels that fit on a page, an address may name any of them."""

    def __init__(self, **options):
        super().__init__(queryset=Unit.objects.none(), to_field_name="key", required=False, **options)

    def offer(self, units, today):
        self.queryset = units
        offered = list(units.on(today).order_by("code").values_list("pk", "key", "name", "level"))
        if len(offered) > MANY_UNITS:
            offered = [row for row in offered if row[3] != Level.VILLAGE]
        labels = labels_of([row[0] for row in offered], today)
        self.widget.choices = [
            ("", self.empty_label or ""),
            *((key, labels.get(pk, name)) for pk, key, name, _ in offered),
        ]


def unit_picker():
    """A list that turns into a search box over the whole scope where scripts run."""
    return forms.Select(attrs={"data-picker": "", "data-url": "/don-vi/tim/?gia-tri=key"})


class DirectoryFilter(GuidedForm):
    q = forms.CharField(label="Tìm theo họ tên", required=False, max_length=80)
    position = forms.ChoiceField(label="Chức danh", required=False, choices=[("", "Tất cả"), *Position.choices])
    unit = UnitOptions(label="Đơn vị", empty_label="Toàn địa bàn", widget=unit_picker())
    day = DayField(label="Vào ngày", required=False)
    body = forms.ModelChoiceField(queryset=Body.objects.none(), required=False, widget=forms.HiddenInput)
    view = forms.ChoiceField(choices=[("", ""), ("trong", "")], required=False, widget=forms.HiddenInput)
    names = {"position": "chuc-danh", "unit": "don-vi", "day": "ngay", "body": "co-quan", "view": "xem"}

    def __init__(self, data, *, user, today):
        super().__init__(data)
        self.fields["unit"].offer(Unit.objects.visible_to(user), today)
        self.fields["body"].queryset = Body.objects.visible_to(user)

    def add_prefix(self, field_name):
        return self.names.get(field_name, field_name)


class UnitChoice(GuidedForm):
    """First step of what is made at a unit: which one."""

    unit = UnitOptions(label="Đơn vị", empty_label="Chọn đơn vị", widget=unit_picker())

    def __init__(self, data, *, units, today):
        super().__init__(data)
        self.fields["unit"].required = True
        self.fields["unit"].offer(units, today)

    def add_prefix(self, field_name):
        return "don-vi"


class PersonFields(NewForm):
    """Name, phone, e-mail; when the branch knows somebody of that name, the one who is meant has to be pointed out."""

    name = PersonNameField(label="Họ và tên", max_length=120)
    phone = forms.CharField(label="Điện thoại", required=False, max_length=30, widget=forms.TelInput)
    email = forms.EmailField(label="Thư điện tử", required=False, help_text="Để nhận giấy mời họp qua thư.")
    person = forms.ChoiceField(label="Người đã có trong danh bạ", required=False, widget=forms.RadioSelect)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        name = clean_person_name(self.data.get("name", ""))
        self.known = {str(person.pk): person for person in namesakes(user, name)}
        if self.known:
            held = _holdings(self.known.values())
            choices = [(key, f"{person.name} – {held[person.pk]}") for key, person in self.known.items()]
            self.fields["person"].choices = [*choices, (SOMEBODY_NEW, "Người khác cùng tên, ghi mới")]
            self.order_fields(["name", "person"])
        else:
            del self.fields["person"]

    def clean_phone(self):
        return _phone(self.cleaned_data["phone"])

    def clean_person(self):
        choice = self.cleaned_data["person"]
        if not choice:
            raise forms.ValidationError("Địa bàn đã có người cùng tên. Chọn đúng người, hoặc chọn ghi mới.")
        return self.known.get(choice)


def _phone(value):
    try:
        return clean_phone(value)
    except DomainError as error:
        raise forms.ValidationError(error.message) from error


def _holdings(people):
    """{person id: the posts they hold or held, each with its place}."""
    posts = {person.pk: list(person.posts.all())[:3] for person in people}
    units = {post.unit_id for held in posts.values() for post in held}
    places = placed_names(units, timezone.localdate())
    return {
        pk: ", ".join(title_at(post.label, places[post.unit_id]) for post in held) or "chưa giữ chức danh"
        for pk, held in posts.items()
    }


class PostForm(PersonFields):
    position = forms.ChoiceField(label="Chức danh")
    title = NameField(label="Tên chức danh cụ thể", required=False, max_length=120, help_text="Khi cần ghi rõ hơn.")
    body = forms.ModelChoiceField(label="Cơ quan", queryset=Body.objects.none(), required=False, empty_label="Không")
    valid_from = DayField(label="Giữ chức danh từ ngày")

    def __init__(self, *args, unit, bodies, **kwargs):
        super().__init__(*args, **kwargs)
        fitting = {*OF_VILLAGES, Position.OTHER}
        if unit.level != Level.VILLAGE:
            fitting = set(Position) - set(OF_VILLAGES) - {Position.SYSTEM_ADMIN}
        choices = [choice for choice in Position.choices if choice[0] in fitting]
        self.fields["position"].choices = [("", "Chọn chức danh"), *choices]
        if bodies.exists():
            self.fields["body"].queryset = bodies
        else:
            del self.fields["body"]


class PostEndForm(ServiceForm):
    on = DayField(label="Thôi giữ từ ngày", help_text="Ngày đầu tiên không còn giữ chức danh.")


class HandOverForm(PersonFields):
    on = DayField(label="Bàn giao từ ngày", help_text="Người cũ thôi và người mới bắt đầu từ ngày này.")


class PersonForm(ServiceForm):
    name = PersonNameField(label="Họ và tên", max_length=120)
    phone = forms.CharField(label="Điện thoại", required=False, max_length=30, widget=forms.TelInput)
    email = forms.EmailField(label="Thư điện tử", required=False, help_text="Để nhận giấy mời họp qua thư.")
    version = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def clean_phone(self):
        return _phone(self.cleaned_data["phone"])


class AccountFilter(GuidedForm):
    q = forms.CharField(label="Tìm theo tên", required=False, max_length=80)
    role = forms.ChoiceField(label="Vai trò", required=False, choices=[("", "Tất cả"), *Role.choices])
    state = forms.ChoiceField(
        label="Tình trạng",
        required=False,
        choices=[("", "Tất cả"), ("dang-dung", "Đang hoạt động"), ("khoa", "Đã khóa")],
    )
    names = {"role": "vai-tro", "state": "tinh-trang"}

    def add_prefix(self, field_name):
        return self.names.get(field_name, field_name)


class RoleForm(NewForm):
    """A role at a unit that is chosen already."""

    role = forms.ChoiceField(label="Vai trò")
    body = forms.ModelChoiceField(
        label="Cơ quan",
        queryset=Body.objects.none(),
        required=False,
        empty_label="Ủy ban nhân dân của đơn vị",
        help_text="Chỉ dùng cho vai trò Cơ quan giải quyết.",
    )

    def __init__(self, *args, unit, bodies, **kwargs):
        super().__init__(*args, **kwargs)
        fitting = [choice for choice in Role.choices if unit.level in ROLE_LEVELS[choice[0]]]
        self.fields["role"].choices = [("", "Chọn vai trò"), *fitting]
        self.fields["body"].queryset = bodies


class AccountForm(RoleForm, PersonFields):
    username = forms.CharField(
        label="Tên đăng nhập", max_length=60, help_text="Viết liền không dấu, ví dụ: hatu.nguyenvanan"
    )
    email = forms.EmailField(label="Thư điện tử", required=False)
    phone = None
    field_order = ["name", "person", "username", "email", "role", "body"]
