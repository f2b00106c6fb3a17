"""Who made it: names as they want to be read."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class WithAuthors(models.Model):
    """Named authors, to be named before ``HubPage`` in the bases of a page; ``author:`` in a search finds them."""

    authors = models.CharField(
        _("authors"),
        max_length=500,
        blank=True,
        help_text=_(
            "As they want to be named, with ; between several. Only people who have agreed. "
            "Left empty, the working group is the author."
        ),
    )

    class Meta:
        abstract = True

    def search_author(self) -> str:
        """Each name on a line of its own."""
        return "\n".join(name.strip() for name in self.authors.split(";") if name.strip())
