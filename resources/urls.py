"""Doors of the library beside its pages."""

from django.urls import re_path

from resources import trying

urlpatterns = [
    re_path(r"^tried/(?P<page>[0-9]{1,18})/$", trying.write, name="tried_write"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/(?P<note>[0-9]{1,18})/$", trying.change, name="tried_change"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/(?P<note>[0-9]{1,18})/report/$", trying.report, name="tried_report"),
    re_path(r"^tried/(?P<page>[0-9]{1,18})/(?P<note>[0-9]{1,18})/remove/$", trying.remove, name="tried_remove"),
]
