"""Addresses of papers: those of a meeting, letters about opinions, the register, their looks."""

from django.urls import path

from papers import views as papers

urlpatterns = [
    path("hoi-nghi/<int:pk>/van-ban/", papers.paper_list, name="paper_list"),
    path("hoi-nghi/<int:pk>/van-ban/<slug:slug>/", papers.paper_draft, name="paper_draft"),
    path("hoi-nghi/<int:pk>/van-ban/<slug:slug>/ban-hanh/", papers.paper_issue, name="paper_issue"),
    path("hoi-nghi/<int:pk>/van-ban/<slug:slug>/tai-ve/", papers.paper_draft_download, name="paper_draft_download"),
    path("van-ban/", papers.paper_register, name="paper_register"),
    path("van-ban/the-thuc/", papers.paper_styles, name="paper_styles"),
    path("van-ban/the-thuc/moi/", papers.paper_style_add, name="paper_style_add"),
    path("van-ban/<int:pk>/", papers.paper_detail, name="paper_detail"),
    path("van-ban/<int:pk>/tai-ve/", papers.paper_download, name="paper_download"),
    path("van-ban/<int:pk>/thu-hoi/", papers.paper_cancel, name="paper_cancel"),
    path("y-kien/van-ban/<slug:slug>/", papers.letter_draft, name="letters_draft"),
    path("y-kien/van-ban/<slug:slug>/ban-hanh/", papers.letter_issue, name="letters_issue"),
    path("y-kien/van-ban/<slug:slug>/tai-ve/", papers.letter_download, name="letters_download"),
    path("y-kien/<int:pk>/van-ban/<slug:slug>/", papers.letter_draft, name="letter_draft"),
    path("y-kien/<int:pk>/van-ban/<slug:slug>/ban-hanh/", papers.letter_issue, name="letter_issue"),
    path("y-kien/<int:pk>/van-ban/<slug:slug>/tai-ve/", papers.letter_download, name="letter_download"),
]
