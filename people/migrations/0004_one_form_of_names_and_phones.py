"""Sign-in names in lower case and Vietnamese telephone numbers with their 0, as they are typed from now on."""

import re
import unicodedata
from collections import defaultdict

from django.db import migrations

CLASH = (
    "Các tài khoản sau chỉ khác nhau chữ hoa, chữ thường nên nay trùng tên đăng nhập: {}. Chưa có gì thay đổi. "
    "Đổi tên một trong hai, báo cho người dùng tên mới, rồi chạy lại migrate:\n"
    "  python manage.py shell -c \"from people.models import User; "
    "User.objects.filter(pk={}).update(username='ten-moi')\""
)
ABROAD = re.compile(r"^(?:\+|00)?84(?=0?\d{9,10}$)0?")


def lower_names(apps, schema_editor):
    users = apps.get_model("people", "User").objects
    found = defaultdict(list)
    for pk, name in users.order_by("pk").values_list("pk", "username"):
        found[unicodedata.normalize("NFKC", name).strip().lower()].append((pk, name))
    clashes = [same for same in found.values() if len(same) > 1]
    if clashes:
        told = "; ".join(", ".join(f"“{name}” (số {pk})" for pk, name in same) for same in clashes)
        raise RuntimeError(CLASH.format(told, clashes[0][-1][0]))
    for name, ((pk, before),) in found.items():
        if name != before:
            users.filter(pk=pk).update(username=name)


def dial_from_home(apps, schema_editor):
    people = apps.get_model("people", "Person").objects
    for pk, phone in people.filter(phone__regex=r"^(\+|00)?84").values_list("pk", "phone"):
        if (home := ABROAD.sub("0", phone)) != phone:
            people.filter(pk=pk).update(phone=home)


class Migration(migrations.Migration):
    dependencies = [("people", "0003_roster_import")]

    operations = [
        migrations.RunPython(lower_names, migrations.RunPython.noop),
        migrations.RunPython(dial_from_home, migrations.RunPython.noop),
    ]
