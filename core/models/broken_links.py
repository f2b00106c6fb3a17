"""Links out of the hub that no longer lead anywhere."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.pages import HubPage


class BrokenLink(models.Model):
    """An address that a page links to and that did not answer when it was last tried. Links that work leave no row."""

    class Reason(models.TextChoices):
        GONE = "gone", _("there is no such page any more")
        NO_SITE = "no_site", _("the site does not answer")
        ERROR = "error", _("the site answers with an error")

    page = models.ForeignKey(HubPage, on_delete=models.CASCADE, related_name="broken_links")
    url = models.URLField(_("address"), max_length=2000)
    reason = models.CharField(_("what happened"), max_length=16, choices=Reason)
    times = models.PositiveIntegerField(_("how often in a row"), default=1)
    first_seen = models.DateTimeField(_("since"))
    last_seen = models.DateTimeField(_("last tried"))

    class Meta:
        verbose_name = _("broken link")
        verbose_name_plural = _("broken links")
        ordering = ["first_seen", "pk"]
        constraints = [models.UniqueConstraint(fields=["page", "url"], name="core_broken_link_once_a_page")]

    # A site that is down for an afternoon is no broken link: it must fail twice, unless it says that the page is gone.
    CERTAIN = Q(reason=Reason.GONE) | Q(times__gte=2)

    def __str__(self) -> str:
        return f"{self.page_id}: {self.get_reason_display()}"
