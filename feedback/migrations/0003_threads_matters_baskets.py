import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('feedback', '0002_topics'),
        ('meetings', '0001_initial'),
        ('people', '0002_email_village_role'),
        ('units', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BasketItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('province', 'cấp tỉnh'), ('district', 'cấp huyện'), ('commune', 'cấp xã'), ('village', 'thôn, khu')], max_length=10, verbose_name='cấp')),
                ('text', models.TextField(verbose_name='nội dung')),
                ('kind', models.CharField(choices=[('reflection', 'Phản ánh'), ('petition', 'Kiến nghị'), ('proposal', 'Đề xuất'), ('initiative', 'Hiến kế'), ('good_practice', 'Cách làm hay'), ('comment', 'Góp ý'), ('question', 'Đề nghị giải đáp')], default='petition', max_length=15, verbose_name='loại')),
                ('channel', models.CharField(choices=[('oral', 'Trực tiếp'), ('written', 'Bằng văn bản'), ('pre_submitted', 'Gửi trước'), ('online', 'Trực tuyến'), ('relayed', 'Phản ánh thay người dân')], default='pre_submitted', max_length=15, verbose_name='hình thức')),
                ('visibility', models.CharField(choices=[('normal', 'Thường'), ('internal', 'Lưu hành nội bộ'), ('restricted', 'Hạn chế xem')], default='normal', max_length=10, verbose_name='phạm vi xem')),
                ('raised_by_name', models.CharField(blank=True, max_length=120, verbose_name='người nêu')),
                ('state', models.CharField(choices=[('waiting', 'Chờ đưa vào hội nghị'), ('taken', 'Đã đưa vào hội nghị'), ('withdrawn', 'Đã rút')], default='waiting', max_length=10, verbose_name='trạng thái')),
                ('put_in_on', models.DateField(verbose_name='ngày gửi')),
                ('put_in_by_id', models.BigIntegerField()),
                ('request_id', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'ý kiến gửi trước',
                'ordering': ['put_in_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Extension',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('old_due_on', models.DateField(verbose_name='hạn cũ')),
                ('new_due_on', models.DateField(verbose_name='hạn mới')),
                ('reason', models.CharField(max_length=500, verbose_name='lý do')),
                ('state', models.CharField(choices=[('pending', 'Chờ cấp trên đồng ý'), ('granted', 'Đã gia hạn'), ('refused', 'Không đồng ý')], default='pending', max_length=10)),
                ('asked_by_id', models.BigIntegerField()),
                ('asked_at', models.DateTimeField(auto_now_add=True)),
                ('decided_by_id', models.BigIntegerField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision_note', models.CharField(blank=True, max_length=500, verbose_name='ý kiến của cấp trên')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Follower',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_muted', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Initiative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(choices=[('proposed', 'Mới nêu'), ('studied', 'Đang nghiên cứu'), ('adopted', 'Đã áp dụng'), ('declined', 'Không áp dụng')], default='proposed', max_length=10, verbose_name='giai đoạn')),
                ('adopted_on', models.DateField(blank=True, null=True, verbose_name='ngày áp dụng')),
                ('effect', models.TextField(blank=True, verbose_name='hiệu quả')),
                ('proposed_for_commendation_on', models.DateField(blank=True, null=True, verbose_name='ngày đề nghị khen')),
                ('commended_on', models.DateField(blank=True, null=True, verbose_name='ngày được khen')),
                ('commendation', models.CharField(blank=True, max_length=250, verbose_name='hình thức khen, số quyết định')),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'sáng kiến',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Matter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('province', 'cấp tỉnh'), ('district', 'cấp huyện'), ('commune', 'cấp xã'), ('village', 'thôn, khu')], max_length=10, verbose_name='cấp')),
                ('title', models.CharField(max_length=250, verbose_name='tên vấn đề')),
                ('search_text', models.CharField(blank=True, max_length=300)),
                ('created_by_id', models.BigIntegerField()),
                ('created_on', models.DateField(verbose_name='ngày lập')),
                ('request_id', models.CharField(max_length=64, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'verbose_name': 'vấn đề',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=300, verbose_name='việc cần xong')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='dự kiến xong')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='ngày xong')),
                ('made_by_id', models.BigIntegerField()),
            ],
            options={
                'ordering': ['opinion_id', 'id'],
            },
        ),
        migrations.CreateModel(
            name='NamedReader',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_by_id', models.BigIntegerField()),
                ('named_at', models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name='OpinionFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='tên tệp')),
                ('path', models.CharField(max_length=120)),
                ('content_type', models.CharField(max_length=100)),
                ('size', models.PositiveIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('added_by_id', models.BigIntegerField(null=True)),
                ('added_at', models.DateTimeField(auto_now_add=True)),
                ('removed_at', models.DateTimeField(null=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='ReadBack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('satisfaction', models.CharField(blank=True, choices=[('satisfied', 'Hài lòng'), ('partly', 'Hài lòng một phần'), ('not', 'Chưa hài lòng')], max_length=10, verbose_name='mức hài lòng')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='ý kiến của thôn, khu')),
                ('read_by_id', models.BigIntegerField()),
                ('read_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SavedFilter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='tên bộ lọc')),
                ('query', models.CharField(max_length=1000)),
            ],
            options={
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Spread',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('adopted_on', models.DateField(verbose_name='ngày áp dụng')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='cách áp dụng, kết quả')),
                ('recorded_by_id', models.BigIntegerField()),
            ],
            options={
                'ordering': ['adopted_on', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request', models.TextField(verbose_name='nội dung đề nghị phối hợp')),
                ('due_on', models.DateField(verbose_name='hạn phối hợp')),
                ('asked_on', models.DateField(verbose_name='ngày đề nghị')),
                ('asked_by_id', models.BigIntegerField()),
                ('reply', models.TextField(blank=True, verbose_name='ý kiến phối hợp')),
                ('replied_on', models.DateField(blank=True, null=True, verbose_name='ngày trả lời')),
                ('withdrawn_on', models.DateField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'ordering': ['opinion_id', 'due_on', 'id'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='routingrule',
            name='routing_once',
        ),
        migrations.AddField(
            model_name='opinion',
            name='dissatisfied_count',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='số lần chưa hài lòng'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='hides_speaker',
            field=models.BooleanField(default=False, verbose_name='không nêu tên người phản ánh với cấp trên'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='receipt_due_on',
            field=models.DateField(blank=True, null=True, verbose_name='hạn thông báo tiếp nhận'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='receipted_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày thông báo tiếp nhận'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='review_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày rà soát lại kế hoạch'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='settled_before',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='raised_again', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='shown_above_on',
            field=models.DateField(blank=True, null=True, verbose_name='ngày trình cấp trên xem xét'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='waited_days',
            field=models.PositiveSmallIntegerField(default=0, verbose_name='số ngày đã chờ cấp trên'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='waiting_from',
            field=models.DateField(blank=True, null=True, verbose_name='chờ cấp trên từ ngày'),
        ),
        migrations.AddField(
            model_name='routingrule',
            name='competence',
            field=models.CharField(blank=True, choices=[('village', 'Thôn, khu'), ('commune', 'Cấp xã'), ('district', 'Cấp huyện'), ('province', 'Cấp tỉnh'), ('central', 'Trung ương'), ('sector', 'Ngành dọc, doanh nghiệp')], max_length=10, verbose_name='thẩm quyền'),
        ),
        migrations.AddConstraint(
            model_name='routingrule',
            constraint=models.UniqueConstraint(fields=('unit', 'topic', 'competence'), name='routing_once'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='commune',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='district',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='opinion',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='basket_item', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='province',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='raised_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.person'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='topic',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.topic', verbose_name='lĩnh vực'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='đơn vị'),
        ),
        migrations.AddField(
            model_name='basketitem',
            name='village',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='thôn, khu'),
        ),
        migrations.AddField(
            model_name='extension',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extensions', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='follower',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followers', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='follower',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='followed_opinions', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='initiative',
            name='opinion',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='initiative', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='matter',
            name='commune',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='matter',
            name='district',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='matter',
            name='province',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit'),
        ),
        migrations.AddField(
            model_name='matter',
            name='topic',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='feedback.topic', verbose_name='lĩnh vực'),
        ),
        migrations.AddField(
            model_name='matter',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='đơn vị'),
        ),
        migrations.AddField(
            model_name='opinion',
            name='matter',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='opinions', to='feedback.matter'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='milestones', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='namedreader',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='named_readers', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='namedreader',
            name='post',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.post'),
        ),
        migrations.AddField(
            model_name='opinionfile',
            name='move',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='files', to='feedback.opinionmove'),
        ),
        migrations.AddField(
            model_name='opinionfile',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='readback',
            name='meeting',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='read_backs', to='meetings.meeting'),
        ),
        migrations.AddField(
            model_name='readback',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='read_backs', to='feedback.opinion'),
        ),
        migrations.AddField(
            model_name='savedfilter',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_filters', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='spread',
            name='initiative',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='spreads', to='feedback.initiative'),
        ),
        migrations.AddField(
            model_name='spread',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='units.unit', verbose_name='nơi áp dụng'),
        ),
        migrations.AddField(
            model_name='support',
            name='body',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='units.body', verbose_name='cơ quan phối hợp'),
        ),
        migrations.AddField(
            model_name='support',
            name='opinion',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='feedback.opinion'),
        ),
        migrations.AddIndex(
            model_name='basketitem',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['unit'], name='basket_waiting'),
        ),
        migrations.AddConstraint(
            model_name='basketitem',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='basket_has_text'),
        ),
        migrations.AddConstraint(
            model_name='extension',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('opinion',), name='extension_one_pending'),
        ),
        migrations.AddConstraint(
            model_name='follower',
            constraint=models.UniqueConstraint(fields=('opinion', 'user'), name='follower_once'),
        ),
        migrations.AddConstraint(
            model_name='namedreader',
            constraint=models.UniqueConstraint(fields=('opinion', 'post'), name='named_reader_once'),
        ),
        migrations.AddConstraint(
            model_name='readback',
            constraint=models.UniqueConstraint(fields=('meeting', 'opinion'), name='read_back_once'),
        ),
        migrations.AddConstraint(
            model_name='savedfilter',
            constraint=models.UniqueConstraint(fields=('user', 'name'), name='saved_filter_once'),
        ),
        migrations.AddConstraint(
            model_name='spread',
            constraint=models.UniqueConstraint(fields=('initiative', 'unit'), name='spread_once'),
        ),
        migrations.AddIndex(
            model_name='support',
            index=models.Index(condition=models.Q(('replied_on', None), ('withdrawn_on', None)), fields=['body', 'due_on'], name='support_pending'),
        ),
        migrations.AddConstraint(
            model_name='support',
            constraint=models.UniqueConstraint(condition=models.Q(('replied_on', None), ('withdrawn_on', None)), fields=('opinion', 'body'), name='support_one_pending'),
        ),
    ]
