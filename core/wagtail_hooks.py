"""What the core adds to Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet

from core import dialogs, edition_dialog, links, vocabulary_admin
from core.access import Audience
from core.editions import KINDS
from core.models import HubPage, Topic


@hooks.register("register_rich_text_features", order=100)
def register_links(features: Any) -> None:
    """Links in rich text know the access rule; after Wagtail's own, to take their place."""
    links.register(features)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Changes of who may read show in a page's history, in words."""

    @actions.register_action("hub.set_audience")
    class AudienceChanged(LogFormatter):
        label = gettext_lazy("Change who may read")

        def format_message(self, entry: Any) -> str:
            names = dict(Audience.choices)
            before, after = entry.data["before"]["audience"], entry.data["after"]["audience"]
            return _("Who may read: from “%(before)s” to “%(after)s”") % {
                "before": names.get(before, before),
                "after": names.get(after, after),
            }

    actions.register_action("hub.close_edition", gettext_lazy("Close an edition"), gettext_lazy("An edition closed"))
    actions.register_action(
        "hub.withdraw_edition", gettext_lazy("Take an edition away"), gettext_lazy("An edition taken away")
    )


@hooks.register("register_page_header_buttons")
def edition_button(page: Any, user: Any, next_url: str = "", **kwargs: Any) -> Any:
    """The way to the editions of a page, for those who may publish it."""
    has_editions = isinstance(page, HubPage) and page.pk and page.kind in KINDS and not page.alias_of_id
    if has_editions and page.permissions_for_user(user).can_publish():
        url = reverse("core_editions", args=[page.pk])
        yield Button(gettext_lazy("Editions"), url, icon_name="history", priority=60)


@hooks.register("register_admin_urls")
def register_dialogs() -> list[Any]:
    """Addresses of the dialog "Who may read", of reading a file's text again, and of the vocabulary as a file."""
    return [
        path("who-may-read/<int:page_id>/", dialogs.who_may_read, name="core_who_may_read"),
        path("who-may-read/<int:page_id>/files/", dialogs.files_too, name="core_close_files"),
        path("editions/<int:page_id>/", edition_dialog.editions, name="core_editions"),
        path("text-of-document/<int:document_id>/again/", dialogs.read_again, name="core_read_again"),
        *vocabulary_admin.urls,
    ]


@hooks.register("insert_global_admin_css")
def colours() -> str:
    """The hub's colour, so that it is plain where one is."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/admin/hub.css"))


class TopicViewSet(SnippetViewSet):
    """The field's vocabulary of topics."""

    model = Topic
    icon = "tag"
    menu_label = gettext_lazy("Topics")
    add_to_admin_menu = True
    menu_order = 250
    list_display = ["name", "parent", "slug"]
    list_filter = ["parent"]
    search_fields = ["name", "name_de", "name_fr", "name_ar"]
    panels = [
        FieldPanel("name"),
        FieldPanel("slug"),
        FieldPanel("parent"),
        FieldRowPanel([FieldPanel("name_de"), FieldPanel("name_fr"), FieldPanel("name_ar")]),
        FieldPanel("description"),
        FieldPanel("position"),
    ]


register_snippet(TopicViewSet)
register_snippet(vocabulary_admin.SearchWordsViewSetGroup)
