"""What belongs to no room: home and plain pages, topics, searches and lists of a person, counts without persons."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.access import viewer_of
from core.clocks import zone_of
from core.models import HubPage, Topic, WithBody
from hub import front
from members.models import User, WorkingGroup


class HomePage(HubPage):
    """The first page of one language; what it shows depends on who looks."""

    kind_code = "home"

    parent_page_types = ["wagtailcore.Page"]

    class Meta:
        verbose_name = _("home page")

    def get_template(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        """One page for strangers, another for people who are signed in."""
        return "hub/member_home.html" if viewer_of(request).signed_in else "hub/home_page.html"

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As every page's, with what this visitor comes for."""
        context = super().get_context(request, *args, **kwargs)
        viewer = context["viewer"]
        zone, user = zone_of(request), cast(User, request.user)
        shown = front.for_member(user, viewer, zone) if viewer.signed_in else front.for_public(zone)
        return {**context, **shown, "zone": zone}


class PlainPage(WithBody, HubPage):
    """A page of the public site, such as "About" or "How to join"."""

    parent_page_types = ["hub.HomePage", "hub.PlainPage"]
    subpage_types = ["hub.PlainPage"]
    content_panels = WithBody.body_panels

    class Meta:
        verbose_name = _("plain page")


class FollowedTopic(models.Model):
    """A topic a person wants to see news of on the home page. Nobody else is shown it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="followed_topics")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="hub_topic_followed_once")]

    def __str__(self) -> str:
        return f"{self.user_id} follows {self.topic_id}"


class SavedSearch(models.Model):
    """A search a member keeps, to run it again, to be told of what is new, or to follow it in a feed reader.

    Nobody but its owner is shown it: what one looks for tells what one works on.
    """

    class Alert(models.TextChoices):
        """How often its owner is told of what is new."""

        OFF = "off", _("never")
        DAILY = "daily", _("once a day, if there is something new")
        WEEKLY = "weekly", _("once a week, if there is something new")

    class Titles(models.TextChoices):
        """What its feed says of an item. Feed readers are others' machines."""

        NEUTRAL = "neutral", _("only that there is something new")
        FULL = "full", _("titles and summaries")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches")
    name = models.CharField(_("name"), max_length=80)
    state = models.TextField(editable=False)
    """Words and filters as the query string of the search page (``core.listing.Listing``), without the page."""
    digest = models.CharField(max_length=64, editable=False)
    """SHA-256 of the state: the same search is kept once."""
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    looked_at = models.DateTimeField(default=timezone.now, editable=False)
    """When its owner last ran it from the list."""
    alert = models.CharField(_("tell me by e-mail"), max_length=8, choices=Alert, default=Alert.OFF)
    told_until = models.DateTimeField(default=timezone.now, editable=False)
    """Up to when its owner has been told of what is new, or there was nothing new."""
    feed_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)
    """SHA-256 of the feed's token; empty: it has no feed. The token itself is kept nowhere."""
    feed_titles = models.CharField(_("what the feed says"), max_length=8, choices=Titles, default=Titles.NEUTRAL)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="hub_search_saved_once")]

    def __str__(self) -> str:
        return f"{self.pk} of {self.user_id}"


class SearchAlert(models.Model):
    """One mail to one person about one or more saved searches, from the moment it is handed over.

    It is kept so that no crash sends it twice: what stays in "sending" may have gone out, is shown to the
    secretariat, and is not sent again. Which searches it was about is not kept.
    """

    class State(models.TextChoices):
        """How far it got."""

        SENDING = "sending", _("handed over, end unknown")
        SENT = "sent", _("sent")
        FAILED = "failed", _("refused by the mail server")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.SENDING)
    at = models.DateTimeField(_("when"))

    class Meta:
        verbose_name = _("search alert")
        verbose_name_plural = _("search alerts")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


class ReadingList(models.Model):
    """What a member keeps to read, or shares with a working group. Else nobody but its owner is shown it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reading_lists")
    title = models.CharField(_("title"), max_length=120)
    note = models.TextField(_("note"), max_length=1000, blank=True)
    group = models.ForeignKey(
        WorkingGroup,
        verbose_name=_("share with"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["title", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "title"], name="hub_reading_list_once")]

    def __str__(self) -> str:
        return f"{self.pk} of {self.user_id}"  # never its title: nobody but its readers is shown that


class ListedPage(models.Model):
    """One page in a reading list, with what its owner says of it."""

    of_list = models.ForeignKey(ReadingList, on_delete=models.CASCADE, related_name="items")
    page = models.ForeignKey(HubPage, on_delete=models.CASCADE, related_name="+")
    line = models.CharField(_("what you want to say of it"), max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["of_list", "page"], name="hub_listed_once")]

    def __str__(self) -> str:
        return f"{self.page_id} in {self.of_list_id}"


class UnansweredWord(models.Model):
    """A word that was searched for and found nothing. No person, no search, no time finer than a day belongs to it."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    word = models.CharField(_("word"), max_length=40, blank=True, editable=False)
    """Empty while it was searched for too seldom to be written down."""
    times = models.PositiveIntegerField(_("times searched for"), default=0, editable=False)
    last_on = models.DateField(_("last searched for"), editable=False)

    class Meta:
        verbose_name = _("word that found nothing")
        verbose_name_plural = _("words that found nothing")
        ordering = ["-times", "word"]

    def __str__(self) -> str:
        return self.word


class PageReads(models.Model):
    """How often a page was read in a week. No person and no time finer than the week belongs to it."""

    page = models.ForeignKey(HubPage, on_delete=models.CASCADE, related_name="+", editable=False)
    week = models.DateField(editable=False)
    """Its Monday."""
    times = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "week"], name="hub_reads_once_a_week")]

    def __str__(self) -> str:
        return f"{self.page_id} in the week of {self.week}"


class PageWord(models.Model):
    """A word by which a page was found in a week."""

    page = models.ForeignKey(HubPage, on_delete=models.CASCADE, related_name="+", editable=False)
    week = models.DateField(editable=False)
    """Its Monday."""
    digest = models.CharField(max_length=64, unique=True, editable=False)
    """Of page, week and word, with the hub's secret key."""
    word = models.CharField(max_length=40, blank=True, editable=False)
    """Empty while it led there too seldom to be written down."""
    times = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return f"{self.word} for {self.page_id}"
