"""What the library adds to Wagtail's admin."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.log_actions import LogActionRegistry, LogFormatter


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """That a note was taken away shows in the page's history, with the reason."""

    @actions.register_action("hub.remove_note")
    class NoteRemoved(LogFormatter):
        label = gettext_lazy("Take a note away")

        def format_message(self, entry: object) -> str:
            reason = entry.data.get("reason", "")  # type: ignore[attr-defined]
            return _("A note of somebody who tried it was taken away: %(reason)s") % {"reason": reason}
