"""Working groups as readers meet them: what a group is for, what it works on, and what it has published.

The people of a group are in ``members``; who they are is shown to those who are in it (``groups.life``).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField

from core.access import group_key
from core.cards import cards_of
from core.clocks import zone_of
from core.models import HubPage, Place, SectionIndexPage, WithBody
from core.reading import plain
from groups.forms import GroupCopyForm
from groups.life import group_for, life_of
from groups.shelves import FEW, coming_up, latest
from groups.spaces import Space  # noqa: F401  a model of this room
from groups.submissions import ReviewMail, Submission  # noqa: F401  models of this room
from groups.workflow import BoardDecision, LeadReview, SecretariatReview  # noqa: F401  models of this room
from members.models import WorkingGroup


class WorkingGroupIndexPage(SectionIndexPage):
    """All working groups, by theme and by location."""

    parent_page_types: ClassVar[list[str]] = ["hub.HomePage"]
    subpage_types: ClassVar[list[str]] = ["groups.WorkingGroupPage"]
    max_count_per_parent = 1
    is_creatable = True

    class Meta:
        verbose_name = _("working groups section")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The groups this visitor may list, by title."""
        context = super().get_context(request, *args, **kwargs)
        pages = list(self.listed(WorkingGroupPage, context["viewer"]).order_by("title", "pk"))
        cards = list(zip(pages, cards_of(pages, context["viewer"]), strict=True))
        by_kind = {
            kind: [card for page, card in cards if page.working_group and page.working_group.kind == kind]
            for kind in WorkingGroup.Kind.values
        }
        return {**context, "themes": by_kind["theme"], "locations": by_kind["location"]}


class WorkingGroupPage(WithBody, HubPage):
    """The home of one working group, and the section of what it publishes."""

    kind_code = "group"

    agenda = RichTextField(
        _("agenda"),
        blank=True,
        features=["bold", "italic", "link", "document-link", "ol", "ul"],
        help_text=_(
            "What the group is working on and when it meets next. Everyone who may open this page can read it."
        ),
    )

    parent_page_types: ClassVar[list[str]] = ["groups.WorkingGroupIndexPage"]
    subpage_types: ClassVar[list[str]] = [
        "resources.ResourcePage",
        "guidebooks.GuidebookPage",
        "events.EventPage",
    ]
    is_creatable = True
    copy_form_class = GroupCopyForm

    content_panels = [*WithBody.body_panels, FieldPanel("agenda")]

    class Meta:
        verbose_name = _("page of a working group")
        verbose_name_plural = _("pages of working groups")

    def clean(self) -> None:
        """Refuse a page without a group, and a second page of a group in one language."""
        super().clean()
        problem = None
        if self.working_group_id is None:
            problem = _("Choose the working group whose home this page is.")
        elif (
            WorkingGroupPage.objects.filter(working_group=self.working_group_id, locale=self.locale_id, alias_of=None)
            .exclude(pk=self.pk)
            .exists()
            and not self.alias_of_id
        ):
            problem = _("This working group has a page in this language already.")
        if problem:
            # Once the page is there, its form no longer asks for the group.
            raise ValidationError({"working_group": problem} if self._state.adding else problem)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """As the page's, with the group's next events and latest publications as this visitor may see them."""
        context = super().get_context(request, *args, **kwargs)
        viewer = context["viewer"]
        zone = zone_of(request)
        group = self.working_group = group_for(self.working_group_id, viewer)
        coming = coming_up(group, viewer)
        meeting = next((event for event in coming if event.kind == "meeting"), None)
        return {
            **context,
            **life_of(group, viewer, request),
            "group": group,
            "is_in_group": group is not None and group_key(group.pk) in viewer.keys,
            "zone": zone,
            "meeting": meeting.entry(zone) if meeting else None,
            "events": [event.entry(zone) for event in coming[:FEW]],
            "latest": cards_of(latest(group, viewer), viewer),
        }

    def search_places(self) -> list[Place]:
        """The text with its sections; the agenda belongs to the top."""
        top, *sections = super().search_places()
        agenda = plain(self.agenda) if self.agenda else ""
        return [Place(" ".join(part for part in (top.text, agenda) if part)), *sections]
