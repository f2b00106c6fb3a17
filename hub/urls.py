"""Every address of the hub. tests/test_doors.py holds a row for each."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtailadmin_urls

from core import edition_pages
from core.views import serve_page
from guidebooks.taking.urls import on_device
from hub import admin_lists, reading_lists, views
from hub.contribute import contribute, contribute_form, contribute_thanks
from hub.exporting import export_found
from hub.following import followed_topics
from hub.numbers import group_numbers
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
    path("", include("guidebooks.taking.urls")),
    path("admin/", include(admin_lists.urls)),  # before Wagtail's: what comes first answers
    path("admin/", include(wagtailadmin_urls)),
    *i18n_patterns(
        path("search/", search, name="search"),
        path("search/suggest/", suggest, name="search_suggest"),
        re_path(r"^search/export\.(?P<form>bib|ris|csv)$", export_found, name="export_found"),
        path("feed/", views.feed, name="feed"),
        path("account/topics/", followed_topics, name="followed_topics"),
        path("account/searches/", saved_searches, name="saved_searches"),
        path("account/searches/save/", save_search, name="save_search"),
        path("account/searches/<int:pk>/", saved_search, name="saved_search"),
        path("account/searches/<int:pk>/run/", run_search, name="run_search"),
        path("account/searches/<int:pk>/feed/", search_feed_address, name="search_feed_address"),
        path("account/searches/<int:pk>/delete/", delete_search, name="delete_search"),
        path("account/lists/", reading_lists.reading_lists, name="reading_lists"),
        path("account/lists/save/", reading_lists.save_to_list, name="save_to_list"),
        path("account/lists/<int:pk>/", reading_lists.reading_list, name="reading_list"),
        path("account/lists/<int:pk>/change/", reading_lists.change_list, name="change_list"),
        path("account/lists/<int:pk>/items/<int:item>/", reading_lists.change_listed, name="change_listed"),
        path("account/lists/<int:pk>/delete/", reading_lists.delete_list, name="delete_list"),
        path("account/lists/<int:pk>/export/<str:form>/", reading_lists.export_list, name="export_list"),
        path("searches/stop/<str:signed>/", stop_search_alerts, name="stop_search_alerts"),
        path("contribute/", contribute, name="contribute"),
        path("contribute/practice/", contribute_form, {"kind": "practice"}, name="contribute_practice"),
        path("contribute/event/", contribute_form, {"kind": "event"}, name="contribute_event"),
        path("contribute/thanks/", contribute_thanks, name="contribute_thanks"),
        path("working-groups/<slug:slug>/numbers/", group_numbers, name="group_numbers"),
        path("", include("groups.urls")),
        path("", include("guidebooks.reading.urls")),
        re_path(r"^editions/(?P<page>[0-9]{1,18})/$", edition_pages.all_editions, name="all_editions"),
        re_path(r"^editions/(?P<page>[0-9]{1,18})/(?P<number>[0-9]{1,4})/$", edition_pages.edition, name="edition"),
        re_path(
            r"^editions/(?P<page>[0-9]{1,18})/(?P<number>[0-9]{1,4})/(?P<below>(?:[\w\-]+/)+)$",
            edition_pages.edition,
            name="edition_part",
        ),
        re_path(r"^cite/(?P<page>[0-9]{1,18})\.(?P<form>bib|ris|txt)$", edition_pages.cite, name="cite"),
        re_path(
            r"^cite/(?P<page>[0-9]{1,18})/(?P<number>[0-9]{1,4})\.(?P<form>bib|ris|txt)$",
            edition_pages.cite,
            name="cite_edition",
        ),
        path("", include("resources.urls")),
        path("", include("members.urls")),
        path("", include(on_device)),
        re_path(r"^((?:[\w\-]+/)*)$", serve_page, name="wagtail_serve"),
        prefix_default_language=False,
    ),
]
