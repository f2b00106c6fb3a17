"""Doors of the library beside its pages."""

from django.urls import path, re_path

from resources import reported, trying

urlpatterns = [
    path("tried/reported/", reported.reported, name="tried_reported"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/$", trying.write, name="tried_write"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/(?P<note>[0-9]{1,18})/$", trying.change, name="tried_change"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/(?P<note>[0-9]{1,18})/report/$", trying.report, name="tried_report"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/(?P<note>[0-9]{1,18})/remove/$", trying.remove, name="tried_remove"),
]
