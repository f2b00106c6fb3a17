"""Every address of the hub. tests/test_doors.py holds a row for each."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from wagtail.admin import urls as wagtailadmin_urls

from core.views import serve_page

urlpatterns = [
    path("admin/", include(wagtailadmin_urls)),
    *i18n_patterns(
        path("", include("members.urls")),
        re_path(r"^((?:[\w\-]+/)*)$", serve_page, name="wagtail_serve"),
        prefix_default_language=False,
    ),
]
