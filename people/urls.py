"""Addresses of sign-in, one's own account, the directory, posts and accounts."""

from django.urls import path

from people.views import accounts, directory, own, posts, roster

urlpatterns = [
    path("dang-nhap/", own.login, name="login"),
    path("dang-xuat/", own.sign_out, name="logout"),
    path("toi/", own.my_page, name="my_page"),
    path("doi-mat-khau/", own.password_change, name="password_change"),
    path("danh-ba/", directory.directory, name="directory"),
    path("danh-ba/them/", posts.post_create, name="post_create"),
    path("danh-ba/nhap/", roster.roster_import, name="roster_import"),
    path("danh-ba/nhap/tep-mau/", roster.roster_form, name="roster_form"),
    path("danh-ba/nhap/<int:pk>/", roster.roster_detail, name="roster_detail"),
    path("danh-ba/nhap/<int:pk>/tien-do/", roster.roster_progress, name="roster_progress"),
    path("danh-ba/nhap/<int:pk>/ghi/", roster.roster_apply, name="roster_apply"),
    path("danh-ba/<int:pk>/", directory.person_detail, name="person_detail"),
    path("danh-ba/<int:pk>/sua/", posts.person_edit, name="person_edit"),
    path("danh-ba/chuc-danh/<int:pk>/ket-thuc/", posts.post_end, name="post_end"),
    path("danh-ba/chuc-danh/<int:pk>/ban-giao/", posts.post_hand_over, name="post_hand_over"),
    path("tai-khoan/", accounts.user_list, name="user_list"),
    path("tai-khoan/moi/", accounts.user_create, name="user_create"),
    path("tai-khoan/<int:pk>/", accounts.user_detail, name="user_detail"),
    path("tai-khoan/<int:pk>/khoa/", accounts.user_disable, name="user_disable"),
    path("tai-khoan/<int:pk>/mo-lai/", accounts.user_enable, name="user_enable"),
    path("tai-khoan/<int:pk>/dat-lai-mat-khau/", accounts.user_reset_password, name="user_reset_password"),
    path("tai-khoan/<int:pk>/vai-tro/", accounts.role_add, name="role_add"),
    path("tai-khoan/<int:pk>/vai-tro/<int:post_pk>/thu-hoi/", accounts.role_end, name="role_end"),
]
