import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('meetings', '0001_initial'),
        ('people', '0002_email_village_role'),
        ('units', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='số thứ tự')),
                ('text', models.TextField(verbose_name='nội dung thông báo')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='truyền đạt xong trước ngày')),
                ('request_id', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'ordering': ['meeting_id', 'number'],
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('made_by_id', models.BigIntegerField()),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='InvitationMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='người nhận')),
                ('address', models.EmailField(max_length=254, verbose_name='thư điện tử')),
                ('revision', models.PositiveSmallIntegerField(default=1, verbose_name='lần gửi')),
                ('queued_at', models.DateTimeField(auto_now_add=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('failure', models.CharField(blank=True, max_length=200, verbose_name='lỗi')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='IssuedPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('province', 'cấp tỉnh'), ('district', 'cấp huyện'), ('commune', 'cấp xã'), ('village', 'thôn, khu')], max_length=10, verbose_name='cấp')),
                ('opinion_id', models.BigIntegerField(blank=True, null=True)),
                ('host', models.CharField(choices=[('party', 'Cấp ủy'), ('gov', 'Ủy ban nhân dân'), ('joint', 'Cấp ủy và chính quyền')], max_length=10, verbose_name='cơ quan ban hành')),
                ('kind', models.CharField(choices=[('invitation', 'Giấy mời'), ('programme', 'Chương trình'), ('roll', 'Danh sách đại biểu'), ('minutes', 'Biên bản'), ('conclusion', 'Thông báo kết luận'), ('forwarding', 'Công văn chuyển kiến nghị'), ('reply', 'Văn bản trả lời'), ('reminder', 'Công văn đôn đốc'), ('summary', 'Báo cáo tổng hợp ý kiến')], max_length=20, verbose_name='loại văn bản')),
                ('year', models.PositiveSmallIntegerField(verbose_name='năm')),
                ('number', models.PositiveIntegerField(verbose_name='số')),
                ('symbol', models.CharField(max_length=60, verbose_name='số và ký hiệu')),
                ('subject', models.CharField(max_length=300, verbose_name='trích yếu')),
                ('signed_on', models.DateField(verbose_name='ngày ký')),
                ('signer_name', models.CharField(blank=True, max_length=120, verbose_name='người ký')),
                ('signer_title', models.CharField(blank=True, max_length=200, verbose_name='chức vụ người ký')),
                ('content', models.JSONField(verbose_name='nội dung')),
                ('issued_by_id', models.BigIntegerField()),
                ('issued_at', models.DateTimeField(auto_now_add=True)),
                ('cancelled_on', models.DateField(blank=True, null=True, verbose_name='ngày thu hồi')),
                ('cancel_reason', models.CharField(blank=True, max_length=300, verbose_name='lý do thu hồi')),
                ('request_id', models.CharField(max_length=64, null=True, unique=True)),
            ],
            options={
                'verbose_name': 'văn bản',
                'ordering': ['-year', '-id'],
            },
        ),
        migrations.CreateModel(
            name='PaperStyle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='từ ngày')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='đến trước ngày')),
                ('regime', models.CharField(choices=[('party', 'Văn bản của Đảng'), ('gov', 'Văn bản hành chính')], max_length=10)),
                ('document', models.CharField(max_length=120, verbose_name='văn bản quy định')),
                ('font', models.CharField(default='Times New Roman', max_length=60, verbose_name='phông chữ')),
                ('top_mm', models.PositiveSmallIntegerField(default=20, verbose_name='lề trên (mm)')),
                ('bottom_mm', models.PositiveSmallIntegerField(default=20, verbose_name='lề dưới (mm)')),
                ('left_mm', models.PositiveSmallIntegerField(default=30, verbose_name='lề trái (mm)')),
                ('right_mm', models.PositiveSmallIntegerField(default=15, verbose_name='lề phải (mm)')),
                ('motto_pt', models.PositiveSmallIntegerField(default=15, verbose_name='cỡ chữ tiêu đề')),
                ('issuer_pt', models.PositiveSmallIntegerField(default=14, verbose_name='cỡ chữ tên cơ quan')),
                ('number_pt', models.PositiveSmallIntegerField(default=14, verbose_name='cỡ chữ số, ký hiệu')),
                ('place_pt', models.PositiveSmallIntegerField(default=14, verbose_name='cỡ chữ địa danh, ngày tháng')),
                ('title_pt', models.PositiveSmallIntegerField(default=16, verbose_name='cỡ chữ tên loại văn bản')),
                ('subject_pt', models.PositiveSmallIntegerField(default=14, verbose_name='cỡ chữ trích yếu')),
                ('body_pt', models.PositiveSmallIntegerField(default=14, verbose_name='cỡ chữ nội dung')),
                ('line_spacing', models.DecimalField(decimal_places=2, default=1.15, max_digits=3, verbose_name='giãn dòng')),
            ],
            options={
                'ordering': ['regime', 'valid_from'],
            },
        ),
        migrations.CreateModel(
            name='Relay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('relayed_on', models.DateField(verbose_name='ngày truyền đạt')),
                ('reach_count', models.PositiveIntegerField(default=0, verbose_name='số người được nghe')),
                ('questions', models.TextField(blank=True, verbose_name='câu hỏi, ý kiến gửi lại')),
                ('reported_by_id', models.BigIntegerField()),
                ('reported_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ['unit_id'],
            },
        ),
        migrations.CreateModel(
            name='SpecialDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='ngày')),
                ('is_working', models.BooleanField(default=False, verbose_name='là ngày làm việc')),
                ('name', models.CharField(max_length=120, verbose_name='tên ngày')),
                ('document', models.CharField(blank=True, max_length=120, verbose_name='văn bản quy định')),
            ],
            options={
                'ordering': ['day', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Tasking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('province', 'cấp tỉnh'), ('district', 'cấp huyện'), ('commune', 'cấp xã'), ('village', 'thôn, khu')], max_length=10, verbose_name='cấp')),
                ('number', models.PositiveSmallIntegerField(verbose_name='số thứ tự')),
                ('text', models.TextField(verbose_name='nội dung giao')),
                ('due_on', models.DateField(verbose_name='hạn hoàn thành')),
                ('status', models.CharField(choices=[('open', 'Đang thực hiện'), ('done', 'Đã xong'), ('dropped', 'Không thực hiện nữa')], default='open', max_length=10, verbose_name='trạng thái')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='ngày hoàn thành')),
                ('result', models.TextField(blank=True, verbose_name='kết quả')),
                ('request_id', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'việc giao',
                'ordering': ['due_on', 'id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='countedattendance',
            name='counted_group_once',
        ),
        migrations.AddField(
            model_name='cadencerule',
            name='conclusion_days',
            field=models.PositiveSmallIntegerField(default=5, verbose_name='hạn ra kết luận (ngày làm việc)'),
        ),
        migrations.AddField(
            model_name='cadencerule',
            name='log_days',
            field=models.PositiveSmallIntegerField(default=3, verbose_name='hạn nhập (ngày làm việc)'),
        ),
        migrations.AddField(
            model_name='cadencerule',
            name='rolls_forward',
            field=models.BooleanField(default=False, verbose_name='hạn rơi vào ngày nghỉ thì lùi sang ngày làm việc sau'),
        ),
        migrations.AddField(
            model_name='countedattendance',
            name='unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='thôn, khu'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='conclusion_due_on',
            field=models.DateField(blank=True, null=True, verbose_name='hạn ra kết luận'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='conclusion_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày ra kết luận'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='joint_occurrences',
            field=models.ManyToManyField(blank=True, related_name='joint_meetings', to='meetings.occurrence'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='log_due_on',
            field=models.DateField(blank=True, null=True, verbose_name='hạn nhập'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='logged_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày nhập'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='speaker_count',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='số người phát biểu'),
        ),
        migrations.AddField(
            model_name='meeting',
            name='timing_reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='lý do họp muộn, họp bù'),
        ),
        migrations.AddConstraint(
            model_name='countedattendance',
            constraint=models.UniqueConstraint(fields=('meeting', 'sitting', 'group', 'unit'), name='counted_group_once'),
        ),
        migrations.AddField(
            model_name='announcement',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='announced', to='meetings.meeting'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='calendar_feeds', to='units.unit'),
        ),
        migrations.AddField(
            model_name='invitationmail',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitation_mails', to='meetings.meeting'),
        ),
        migrations.AddField(
            model_name='issuedpaper',
            name='commune',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='issuedpaper',
            name='district',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='issuedpaper',
            name='meeting',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='meetings.meeting'),
        ),
        migrations.AddField(
            model_name='issuedpaper',
            name='province',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='issuedpaper',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='đơn vị'),
        ),
        migrations.AddField(
            model_name='paperstyle',
            name='province',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paper_styles', to='units.unit'),
        ),
        migrations.AddField(
            model_name='relay',
            name='announcement',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='relays', to='meetings.announcement'),
        ),
        migrations.AddField(
            model_name='relay',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='đơn vị truyền đạt'),
        ),
        migrations.AddField(
            model_name='specialday',
            name='province',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='special_days', to='units.unit'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='body',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taskings', to='units.body', verbose_name='cơ quan chủ trì'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='commune',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='district',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taskings', to='meetings.meeting'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='person',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='taskings', to='people.person', verbose_name='người phụ trách'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='province',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='tasking',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='đơn vị'),
        ),
        migrations.AddConstraint(
            model_name='announcement',
            constraint=models.UniqueConstraint(fields=('meeting', 'number'), name='announcement_number'),
        ),
        migrations.AddConstraint(
            model_name='calendarfeed',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('unit',), name='feed_one_alive'),
        ),
        migrations.AddConstraint(
            model_name='invitationmail',
            constraint=models.UniqueConstraint(fields=('meeting', 'address', 'revision'), name='invitation_mail_once'),
        ),
        migrations.AddIndex(
            model_name='issuedpaper',
            index=models.Index(fields=['meeting', 'kind'], name='paper_meeting'),
        ),
        migrations.AddIndex(
            model_name='issuedpaper',
            index=models.Index(condition=models.Q(('opinion_id__isnull', False)), fields=['opinion_id'], name='paper_opinion'),
        ),
        migrations.AddConstraint(
            model_name='issuedpaper',
            constraint=models.UniqueConstraint(fields=('unit', 'host', 'year', 'kind', 'number'), name='paper_number_once'),
        ),
        migrations.AddConstraint(
            model_name='paperstyle',
            constraint=models.UniqueConstraint(fields=('province', 'regime', 'valid_from'), name='paper_style_from'),
        ),
        migrations.AddConstraint(
            model_name='relay',
            constraint=models.UniqueConstraint(fields=('announcement', 'unit'), name='relay_once'),
        ),
        migrations.AddConstraint(
            model_name='specialday',
            constraint=models.UniqueConstraint(fields=('province', 'day'), name='special_day_once'),
        ),
        migrations.AddConstraint(
            model_name='specialday',
            constraint=models.UniqueConstraint(condition=models.Q(('province', None)), fields=('day',), name='special_day_national_once'),
        ),
        migrations.AddIndex(
            model_name='tasking',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['unit', 'due_on'], name='tasking_unit_open'),
        ),
        migrations.AddIndex(
            model_name='tasking',
            index=models.Index(condition=models.Q(('status', 'open')), fields=['body', 'due_on'], name='tasking_body_open'),
        ),
        migrations.AddConstraint(
            model_name='tasking',
            constraint=models.UniqueConstraint(fields=('meeting', 'number'), name='tasking_number'),
        ),
        migrations.AddConstraint(
            model_name='tasking',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_on__isnull', False), ('status', 'done')), models.Q(models.Q(('status', 'done'), _negated=True), ('done_on', None)), _connector='OR'), name='tasking_done_has_day'),
        ),
    ]
