"""Pages that belong to no room: the home page of each language, and the public site's plain pages."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.access import viewer_of
from core.clocks import zone_of
from core.models import HubPage, Topic, WithBody
from hub import front
from members.models import User


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
