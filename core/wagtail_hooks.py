"""What the core adds to Wagtail's admin."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter

from core import links
from core.access import Audience


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
