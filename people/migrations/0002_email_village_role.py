from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='email',
            field=models.EmailField(blank=True, max_length=254, verbose_name='thư điện tử'),
        ),
        migrations.AlterField(
            model_name='post',
            name='role',
            field=models.CharField(blank=True, choices=[('commune', 'Cán bộ cấp xã'), ('commune_leader', 'Lãnh đạo cấp xã'), ('district', 'Cán bộ cấp huyện'), ('leader', 'Lãnh đạo cấp huyện'), ('agency', 'Cơ quan giải quyết'), ('specialist', 'Chuyên viên Ban Dân vận'), ('province', 'Trưởng Ban Dân vận'), ('province_leader', 'Lãnh đạo tỉnh'), ('cadre', 'Cán bộ đi cơ sở'), ('admin', 'Quản trị'), ('village', 'Cán bộ thôn, khu')], max_length=20, verbose_name='vai trò'),
        ),
    ]
