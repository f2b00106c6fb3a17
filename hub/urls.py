"""Every address of the hub. tests/test_doors.py holds a row for each."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from core.views import serve_page
from hub import admin_lists, views
from hub.following import followed_topics
from hub.saved_searches import (
    delete_search,
    run_search,
    save_search,
    saved_search,
    saved_searches,
    search_feed,
    search_feed_address,
    stop_search_alerts,
)
from hub.searching import search, suggest

handler400 = "hub.views.bad_request"
handler404 = "hub.views.not_found"

# Wagtail's own sign-in pages would accept a password past the hub's rules (rate limits, second factors).
to_sign_in = RedirectView.as_view(pattern_name="account_login", query_string=True)

urlpatterns = [
    path("healthz/", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("admin/login/", to_sign_in, name="hub_admin_login"),
    path("_util/login/", to_sign_in, name="wagtailcore_login"),
    path("admin/logout/", RedirectView.as_view(pattern_name="account_logout"), name="hub_admin_logout"),
    path("feeds/searches/<str:token>/", search_feed, name="search_feed"),
    path("", include("core.urls")),
    path("", include("events.urls")),
    path("admin/", include(admin_lists.urls)),  # before Wagtail's: what comes first answers
    path("admin/", include(wagtailadmin_urls)),
    *i18n_patterns(
        path("search/", search, name="search"),
        path("search/suggest/", suggest, name="search_suggest"),
        path("feed/", views.feed, name="feed"),
        path("account/topics/", followed_topics, name="followed_topics"),
        path("account/searches/", saved_searches, name="saved_searches"),
        path("account/searches/save/", save_search, name="save_search"),
        path("account/searches/<int:pk>/", saved_search, name="saved_search"),
        path("account/searches/<int:pk>/run/", run_search, name="run_search"),
        path("account/searches/<int:pk>/feed/", search_feed_address, name="search_feed_address"),
        path("account/searches/<int:pk>/delete/", delete_search, name="delete_search"),
        path("searches/stop/<str:signed>/", stop_search_alerts, name="stop_search_alerts"),
        path("", include("members.urls")),
        re_path(r"^((?:[\w\-]+/)*)$", serve_page, name="wagtail_serve"),
        prefix_default_language=False,
    ),
]
