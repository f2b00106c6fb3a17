"""What the secretariat recommends for a query."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.pages import HubPage
from core.models.vocabulary import RaisingGeneration
from search.analysis import clean, words


def hub_languages() -> list[tuple[str, Any]]:
    """The languages a reader can have the hub in."""
    return list(settings.LANGUAGES)


class BestBet(RaisingGeneration):
    """A page that stands above the results of one query, for those who may list it."""

    words = models.CharField(
        _("query"),
        max_length=100,
        help_text=_(
            "The words people type. Their order, their endings and small words such as “the” make no difference, "
            "but a query with more or other words is another query."
        ),
    )
    page = models.ForeignKey(
        HubPage,
        verbose_name=_("page"),
        on_delete=models.CASCADE,
        related_name="best_bets",
        help_text=_("Who may not read it is not shown it, and not told that it is recommended."),
    )
    language = models.CharField(
        _("only for readers in"),
        max_length=8,
        blank=True,
        choices=hub_languages,
        help_text=_("Empty: for readers in every language."),
    )
    position = models.PositiveSmallIntegerField(
        _("position"), default=0, help_text=_("Where several are recommended for one query, the lowest stands first.")
    )
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("The last day. Empty: without an end."))

    class Meta:
        verbose_name = _("recommended page")
        verbose_name_plural = _("recommended pages")
        ordering = ["words", "position", "pk"]

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        super().clean()
        self.words = " ".join(self.words.split())
        if not words(clean(self.words)):
            raise ValidationError({"words": _("Write at least one word.")})
