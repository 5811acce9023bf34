"""Addresses of units, villages and bodies."""

from django.urls import path

from units.views import bodies, tree, villages

urlpatterns = [
    path("don-vi/", tree.unit_list, name="unit_list"),
    path("don-vi/tim/", tree.unit_search, name="unit_search"),
    path("don-vi/co-quan/<int:pk>/", bodies.body_detail, name="body_detail"),
    path("don-vi/co-quan/<int:pk>/doi-ten/", bodies.body_rename, name="body_rename"),
    path("don-vi/co-quan/<int:pk>/ket-thuc/", bodies.body_end, name="body_end"),
    path("don-vi/<str:key>/", tree.unit_detail, name="unit_detail"),
    path("don-vi/<str:key>/them-thon/", villages.village_create, name="village_create"),
    path("don-vi/<str:key>/doi-ten/", villages.village_rename, name="village_rename"),
    path("don-vi/<str:key>/ket-thuc/", villages.village_end, name="village_end"),
    path("don-vi/<str:key>/them-co-quan/", bodies.body_create, name="body_create"),
]
