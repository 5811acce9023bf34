"""Addresses of units, villages and bodies."""

from django.urls import path

from units import views as units

urlpatterns = [
    path("don-vi/", units.unit_list, name="unit_list"),
    path("don-vi/tim/", units.unit_search, name="unit_search"),
    path("don-vi/co-quan/<int:pk>/", units.body_detail, name="body_detail"),
    path("don-vi/co-quan/<int:pk>/doi-ten/", units.body_rename, name="body_rename"),
    path("don-vi/co-quan/<int:pk>/ket-thuc/", units.body_end, name="body_end"),
    path("don-vi/<str:key>/", units.unit_detail, name="unit_detail"),
    path("don-vi/<str:key>/them-thon/", units.village_create, name="village_create"),
    path("don-vi/<str:key>/doi-ten/", units.village_rename, name="village_rename"),
    path("don-vi/<str:key>/ket-thuc/", units.village_end, name="village_end"),
    path("don-vi/<str:key>/them-co-quan/", units.body_create, name="body_create"),
]
