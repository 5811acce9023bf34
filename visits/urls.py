"""Addresses under /di-co-so/."""

from django.urls import path

from visits.views import assignments, findings, norms, visits

urlpatterns = [
    path("di-co-so/", visits.visit_list, name="visit_list"),
    path("di-co-so/moi/", visits.visit_create, name="visit_create"),
    path("di-co-so/kiem-tra-cheo/", visits.visit_questions, name="visit_questions"),
    path("di-co-so/tien-do/", norms.visit_progress, name="visit_progress"),
    path("di-co-so/dinh-muc/", norms.norm_list, name="visit_norm_list"),
    path("di-co-so/dinh-muc/moi/", norms.norm_create, name="visit_norm_create"),
    path("di-co-so/mien/moi/", norms.exemption_create, name="visit_exemption_create"),
    path("di-co-so/dia-ban/", assignments.coverage, name="visit_coverage"),
    path("di-co-so/phan-cong/", assignments.assignment_list, name="assignment_list"),
    path("di-co-so/phan-cong/moi/", assignments.assignment_create, name="assignment_create"),
    path("di-co-so/phan-cong/<int:pk>/", assignments.assignment_detail, name="assignment_detail"),
    path("di-co-so/phan-cong/<int:pk>/ket-thuc/", assignments.assignment_end, name="assignment_end"),
    path("di-co-so/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("di-co-so/<int:pk>/sua/", visits.visit_edit, name="visit_edit"),
    path("di-co-so/<int:pk>/xac-nhan/", visits.visit_confirm, name="visit_confirm"),
    path("di-co-so/<int:pk>/xem-lai/", visits.visit_question, name="visit_question"),
    path("di-co-so/<int:pk>/y-kien/", findings.visit_raise, name="visit_raise"),
    path("di-co-so/<int:pk>/rut/", visits.visit_withdraw, name="visit_withdraw"),
]
