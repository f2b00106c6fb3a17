"""What the hub adds to Wagtail's admin: two reports of the secretariat's, and the lists of pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.reports import ReportView

from hub import admin_home  # noqa: F401  registers what leads and authors find
from hub.admin_lists import PagesViewSet
from hub.models import SearchAlert, UnansweredWord


class UnansweredWordsView(ReportView):
    """Words that were searched for and found nothing, once they were searched for often enough to be shown."""

    model = UnansweredWord
    page_title = _("Words that found nothing")
    header_icon = "search"
    index_url_name = "hub_unanswered_words"
    index_results_url_name = "hub_unanswered_words_results"
    default_ordering = "-times"
    is_searchable = False
    list_export: list[str] = []
    columns = [
        Column("word", label=_("Word"), sort_key="word"),
        Column("times", label=_("Times searched for"), sort_key="times"),
        Column("last_on", label=_("Last searched for"), sort_key="last_on", accessor=lambda word: day_of(word)),
        Column("add", label="", accessor=lambda word: to_vocabulary(word)),
    ]

    def get_base_queryset(self) -> QuerySet[UnansweredWord]:
        """Only words that were written down: rare ones are kept as digests alone."""
        return UnansweredWord.objects.exclude(word="")


class SearchAlertsView(ReportView):
    """Mails about saved searches that did not end well. What "sending" means nobody knows: it is not sent again."""

    model = SearchAlert
    page_title = _("Search alerts that did not end well")
    header_icon = "mail"
    index_url_name = "hub_search_alerts"
    index_results_url_name = "hub_search_alerts_results"
    default_ordering = "-at"
    is_searchable = False
    list_export: list[str] = []
    columns = [
        Column("pk", label=_("Number")),
        Column("get_state_display", label=_("State")),
        DateColumn("at", label=_("When"), sort_key="at"),
    ]

    def get_base_queryset(self) -> QuerySet[SearchAlert]:
        """Those that went out are nothing to look at. Whose they are is not shown."""
        return SearchAlert.objects.exclude(state=SearchAlert.State.SENT)


def day_of(word: UnansweredWord) -> str:
    """The day a word was last searched for; no column of hours ago, which would claim to know the hour."""
    return date_format(word.last_on)


def to_vocabulary(word: UnansweredWord) -> str:
    """A link to a new concept of the vocabulary with this word."""
    address = f"{reverse('wagtailsnippets_core_concept:add')}?{urlencode({'word': word.word})}"
    return format_html('<a href="{}">{}</a>', address, _("Add to the vocabulary"))


@hooks.register("register_admin_viewset", order=10)
def register_lists_of_pages() -> PagesViewSet:
    """Wagtail's views of pages with our lists; after Wagtail's own, to take their place."""
    return PagesViewSet()


@hooks.register("register_admin_urls")
def register_reports() -> list[Any]:
    """Addresses of the reports."""
    return [
        path("reports/unanswered/", UnansweredWordsView.as_view(), name="hub_unanswered_words"),
        path(
            "reports/unanswered/results/",
            UnansweredWordsView.as_view(results_only=True),
            name="hub_unanswered_words_results",
        ),
        path("reports/search-alerts/", SearchAlertsView.as_view(), name="hub_search_alerts"),
        path(
            "reports/search-alerts/results/",
            SearchAlertsView.as_view(results_only=True),
            name="hub_search_alerts_results",
        ),
    ]


@hooks.register("register_reports_menu_item")
def unanswered_in_menu() -> MenuItem:
    """Where the secretariat finds the words."""
    return MenuItem(_("Words that found nothing"), reverse("hub_unanswered_words"), icon_name="search", order=100)


@hooks.register("register_reports_menu_item")
def alerts_in_menu() -> MenuItem:
    """Where the secretariat finds mails with an unknown end."""
    return MenuItem(_("Search alerts"), reverse("hub_search_alerts"), icon_name="mail", order=110)
