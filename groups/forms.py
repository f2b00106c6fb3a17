"""The editor's forms of a working group's home."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import CopyForm


class GroupCopyForm(CopyForm):
    """Says in words why the home of a group cannot be copied."""

    def clean(self) -> dict[str, Any]:
        """Refuse: there would be two homes of one group."""
        cleaned: dict[str, Any] = super().clean()
        words = _(
            "A working group has one page in each language. Make the new working group first, then a page for it."
        )
        self.add_error("new_title", words)
        return cleaned
