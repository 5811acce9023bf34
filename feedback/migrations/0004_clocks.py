from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("feedback", "0003_threads_matters_baskets"),
    ]

    operations = [
        migrations.AlterField(
            model_name="opinionmove",
            name="verb",
            field=models.CharField(
                choices=[
                    ("record", "Ghi nhận"),
                    ("answer_on_spot", "Trả lời tại hội nghị"),
                    ("assign", "Giao giải quyết"),
                    ("unassign", "Rút lại việc giao"),
                    ("start", "Bắt đầu giải quyết"),
                    ("schedule", "Đưa vào kế hoạch"),
                    ("resolve", "Giải quyết xong"),
                    ("explain", "Giải trình"),
                    ("accept", "Tiếp thu"),
                    ("decline", "Không có cơ sở giải quyết"),
                    ("escalate", "Chuyển cấp trên"),
                    ("transfer", "Chuyển cấp dưới"),
                    ("return", "Trả lại nơi gửi"),
                    ("merge", "Gộp vì trùng"),
                    ("redirect", "Hướng dẫn khiếu nại, tố cáo"),
                    ("withdraw", "Rút ý kiến"),
                    ("reopen", "Mở lại"),
                    ("confirm", "Ghi nhận mức hài lòng"),
                    ("comment", "Chỉ đạo, trao đổi"),
                    ("hand_over", "Bàn giao"),
                    ("edit", "Sửa nội dung"),
                    ("receipt", "Thông báo đã tiếp nhận"),
                    ("extend", "Gia hạn"),
                    ("ask_extension", "Đề nghị gia hạn"),
                    ("grant_extension", "Đồng ý gia hạn"),
                    ("refuse_extension", "Không đồng ý gia hạn"),
                    ("review_plan", "Rà soát kế hoạch"),
                    ("add_step", "Thêm mốc việc"),
                    ("progress", "Đã làm được một phần"),
                    ("show_above", "Trình cấp trên xem xét"),
                    ("unmerge", "Tách khỏi ý kiến trùng"),
                    ("merged_in", "Có ý kiến trùng gộp vào"),
                    ("split_off", "Có ý kiến tách ra"),
                    ("disclaim", "Không thuộc thẩm quyền"),
                    ("ask_support", "Đề nghị phối hợp"),
                    ("reply_support", "Ý kiến phối hợp"),
                    ("withdraw_support", "Thôi đề nghị phối hợp"),
                    ("group", "Gộp vào vấn đề chung"),
                    ("ungroup", "Đưa ra khỏi vấn đề chung"),
                    ("follow_up", "Theo dõi hiến kế, cách làm hay"),
                    ("spread", "Nhân rộng"),
                    ("commend", "Khen thưởng"),
                ],
                max_length=20,
                verbose_name="việc",
            ),
        ),
    ]
