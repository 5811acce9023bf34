"""Addresses of opinions."""

from django.urls import path

from feedback.clocks import views as clocks
from feedback.desk import views as desk
from feedback.initiatives import views as initiatives
from feedback.ledger import views as ledger
from feedback.matching import views as matching
from feedback.matters import views as matters
from feedback.page import views as thread
from feedback.routing import views as routing

urlpatterns = [
    path("y-kien/", thread.opinion_list, name="opinion_list"),
    path("y-kien/tuong-tu/", matching.opinion_similar, name="opinion_similar"),
    path("y-kien/hien-ke/", initiatives.initiative_list, name="initiative_list"),
    path("y-kien/hien-ke/khen-thuong/", initiatives.initiative_commend_list, name="initiative_commend_list"),
    path("y-kien/<int:pk>/hien-ke/", initiatives.initiative_detail, name="initiative_detail"),
    path("y-kien/<int:pk>/hien-ke/nhan-rong/", initiatives.initiative_spread, name="initiative_spread"),
    path("y-kien/<int:pk>/hien-ke/de-nghi-khen/", initiatives.initiative_propose, name="initiative_propose"),
    path("y-kien/<int:pk>/hien-ke/khen/", initiatives.initiative_commend, name="initiative_commend"),
    path("y-kien/chuyen-de/", matters.alarm_list, name="alarm_list"),
    path("y-kien/chuyen-de/tai-lieu/", matters.alarm_material, name="alarm_material"),
    path("y-kien/ban-dan-van/", matters.board_list, name="board_list"),
    path("y-kien/ban-dan-van/<int:pk>/", matters.board_detail, name="board_detail"),
    path("y-kien/ban-dan-van/diem/<int:pk>/chi-dao/", matters.board_direct, name="board_direct"),
    path("y-kien/van-de/", matters.matter_list, name="matter_list"),
    path("y-kien/van-de/moi/", matters.matter_create, name="matter_create"),
    path("y-kien/van-de/<int:pk>/", matters.matter_detail, name="matter_detail"),
    path("y-kien/van-de/<int:pk>/sua/", matters.matter_edit, name="matter_edit"),
    path("y-kien/van-de/<int:pk>/them/", matters.matter_add, name="matter_add"),
    path("y-kien/van-de/<int:pk>/bot/", matters.matter_remove, name="matter_remove"),
    path("y-kien/van-de/<int:pk>/tra-loi/", matters.matter_answer, name="matter_answer"),
    path("y-kien/van-de/<int:pk>/chuyen-len/", matters.matter_escalate, name="matter_escalate"),
    path("y-kien/van-de/<int:pk>/gia-han/", matters.matter_extend, name="matter_extend"),
    path("y-kien/van-de/<int:pk>/giao/", matters.matter_assign, name="matter_assign"),
    path("y-kien/nhap-so/", ledger.ledger_import, name="ledger_import"),
    path("y-kien/nhap-so/tep-mau/", ledger.ledger_form, name="ledger_form"),
    path("y-kien/nhap-so/<int:pk>/", ledger.ledger_detail, name="ledger_detail"),
    path("y-kien/nhap-so/<int:pk>/tien-do/", ledger.ledger_progress, name="ledger_progress"),
    path("y-kien/nhap-so/<int:pk>/ghi/", ledger.ledger_apply, name="ledger_apply"),
    path("y-kien/nhap-so/<int:pk>/thu-hoi/", ledger.ledger_undo, name="ledger_undo"),
    path("y-kien/nham-cap/", matching.wrong_level_shares, name="wrong_level_shares"),
    path("y-kien/thoi-han/", clocks.due_rule_list, name="due_rule_list"),
    path("y-kien/thoi-han/moi/", clocks.due_rule_add, name="due_rule_add"),
    path("y-kien/in/", thread.opinion_print, name="opinion_print"),
    path("y-kien/ket-qua/", desk.opinion_ladder, name="opinion_ladder"),
    path("y-kien/tuoi/", desk.opinion_ageing, name="opinion_ageing"),
    path("y-kien/chuong-trinh/", desk.opinion_agenda, name="opinion_agenda"),
    path("y-kien/chi-dao-nhieu/", desk.opinion_comment_many, name="opinion_comment_many"),
    path("y-kien/bo-loc/luu/", desk.filter_save, name="filter_save"),
    path("y-kien/bo-loc/<int:pk>/xoa/", desk.filter_drop, name="filter_drop"),
    path("y-kien/phan-cong/", routing.routing_list, name="routing_list"),
    path("y-kien/phan-cong/<int:pk>/", routing.routing_edit, name="routing_edit"),
    path("y-kien/linh-vuc/", routing.topic_list, name="topic_list"),
    path("y-kien/linh-vuc/<int:pk>/", routing.topic_edit, name="topic_edit"),
    path("y-kien/giao-nhieu/", thread.opinion_assign_many, name="opinion_assign_many"),
    path("y-kien/<int:pk>/", thread.opinion_detail, name="opinion_detail"),
    path("y-kien/<int:pk>/sua/", thread.opinion_edit, name="opinion_edit"),
    path("y-kien/<int:pk>/theo-de-nghi/", thread.proposal_accept, name="proposal_accept"),
    path("y-kien/phoi-hop/<int:pk>/tra-loi/", thread.support_reply, name="support_reply"),
    path("y-kien/phoi-hop/<int:pk>/thoi/", thread.support_withdraw, name="support_withdraw"),
    path("y-kien/<int:pk>/nguoi-xem/", thread.reader_name, name="reader_name"),
    path("y-kien/<int:pk>/nguoi-xem/bo/", thread.reader_drop, name="reader_drop"),
    path("y-kien/<int:pk>/ten-nguoi-neu/", thread.speaker_hide, name="speaker_hide"),
    path("y-kien/<int:pk>/theo-doi/", thread.opinion_follow, name="opinion_follow"),
    path("y-kien/<int:pk>/tep/", thread.file_attach, name="file_attach"),
    path("y-kien/tep/<int:pk>/", thread.opinion_file, name="opinion_file"),
    path("y-kien/tep/<int:pk>/bo/", thread.file_remove, name="file_remove"),
    *thread.urlpatterns,
]
