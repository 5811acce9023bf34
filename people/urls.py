"""Addresses of sign-in, one's own account, the directory, posts and accounts."""

from django.urls import path

from people import views as people
from people.roster import views as roster

urlpatterns = [
    path("dang-nhap/", people.login, name="login"),
    path("dang-xuat/", people.sign_out, name="logout"),
    path("toi/", people.my_page, name="my_page"),
    path("doi-mat-khau/", people.password_change, name="password_change"),
    path("danh-ba/", people.directory, name="directory"),
    path("danh-ba/them/", people.post_create, name="post_create"),
    path("danh-ba/nhap/", roster.roster_import, name="roster_import"),
    path("danh-ba/nhap/tep-mau/", roster.roster_form, name="roster_form"),
    path("danh-ba/nhap/<int:pk>/", roster.roster_detail, name="roster_detail"),
    path("danh-ba/nhap/<int:pk>/tien-do/", roster.roster_progress, name="roster_progress"),
    path("danh-ba/nhap/<int:pk>/ghi/", roster.roster_apply, name="roster_apply"),
    path("danh-ba/<int:pk>/", people.person_detail, name="person_detail"),
    path("danh-ba/<int:pk>/sua/", people.person_edit, name="person_edit"),
    path("danh-ba/chuc-danh/<int:pk>/ket-thuc/", people.post_end, name="post_end"),
    path("danh-ba/chuc-danh/<int:pk>/ban-giao/", people.post_hand_over, name="post_hand_over"),
    path("tai-khoan/", people.user_list, name="user_list"),
    path("tai-khoan/moi/", people.user_create, name="user_create"),
    path("tai-khoan/<int:pk>/", people.user_detail, name="user_detail"),
    path("tai-khoan/<int:pk>/khoa/", people.user_disable, name="user_disable"),
    path("tai-khoan/<int:pk>/mo-lai/", people.user_enable, name="user_enable"),
    path("tai-khoan/<int:pk>/dat-lai-mat-khau/", people.user_reset_password, name="user_reset_password"),
    path("tai-khoan/<int:pk>/vai-tro/", people.role_add, name="role_add"),
    path("tai-khoan/<int:pk>/vai-tro/<int:post_pk>/thu-hoi/", people.role_end, name="role_end"),
]
