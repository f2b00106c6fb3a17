"""What a person with an office works on in Wagtail's admin: the desk.

A lead or an author *owns* the pages of a working group he holds an office in, as far as he may read them, and may
*pick* (link to, show, choose) those and what anybody with his rights may open on the site. For the secretariat
nothing is limited: it has no desk (``None``). Who has no office owns nothing.

Whatever the admin shows or saves for such a person starts here: its doors, its lists, the form of every page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from wagtail.models import Page, PagePermissionTester, ReferenceIndex
from wagtail.permissions import policy_registry

from core.access import Viewer, can_see, viewer_for, visible
from core.reader import request_now
from members.offices import Offices, offices_of


@dataclass(eq=False)
class Desk:
    """What one person owns and may pick on one day."""

    user: Any
    viewer: Viewer
    offices: Offices
    here: str = ""
    """Where in the tree the request works, as a path; empty where it works at no page."""
    known: dict[int, Any] = field(default_factory=dict)
    """What was asked about pages in the course of one request, by id."""

    @property
    def own_pages(self) -> Q:
        """Rows of ``HubPage`` the person works on: those of the groups, drafts too, that he may read."""
        return Q(working_group__in=self.offices.groups, standing_key__in=self.viewer.keys)

    @property
    def pickable_pages(self) -> Q:
        """Rows of ``HubPage`` the person may link to: his own, and what he may open on the site."""
        return self.own_pages | (Q(live=True) & visible(self.viewer))

    def owns(self, page: Any) -> bool:
        """Whether the person works on this page."""
        return page.working_group_id in self.offices.groups and page.standing_key in self.viewer.keys

    def leads(self, page: Any) -> bool:
        """Whether the person leads the group whose page this is."""
        return self.owns(page) and page.working_group_id in self.offices.leads

    def may_pick(self, page: Any) -> bool:
        """Whether the person may link to this page."""
        return self.owns(page) or (page.live and can_see(self.viewer, page))

    def knows_file(self, file: Any) -> bool:
        """Whether a form may tell the person what a picture or document is called.

        He chooses it himself, or a page of his shows it, whoever put it there.
        """
        if not can_see(self.viewer, file):
            return False
        policy = policy_registry.get(file)
        return bool(
            policy.user_has_permission_for_instance(self.user, "choose", file)
            or ReferenceIndex.get_references_to(file).exists()
        )

    def page(self, pk: int) -> Any:
        """What decides about the page with this id; ``None`` where there is none. One query for each page."""
        if pk not in self.known:
            self.known[pk] = hub_pages().filter(pk=pk).only(*DECIDING).first()
        return self.known[pk]


DECIDING = ("title", "live", "working_group_id", "standing_key", "access_key", "path")


def hub_pages() -> QuerySet:
    """All pages, for whom this module decides."""
    from core.models import HubPage  # which asks this module for its title

    return HubPage.objects.all()


def desk_for(user: Any) -> Desk | None:
    """The desk of a person today, worked out once for each object; ``None`` for the secretariat."""
    if not hasattr(user, "_desk"):
        viewer = viewer_for(user)
        user._desk = None if viewer.sees_all else Desk(user, viewer, offices_of(user))
    desk: Desk | None = user._desk
    return desk


def desk_now() -> Desk | None:
    """The desk at which the request that is answered now works; ``None`` outside the admin and for the secretariat."""
    return getattr(request_now(), "desk", None)


# Topics and keywords --------------------------------------------------------------------------------


def tags_for(tags: QuerySet, of_pages: QuerySet, desk: Desk) -> QuerySet:
    """Topics or keywords a person may be offered: of pages he may pick, and those that nothing carries.

    A word that stands on closed pages or files alone would tell what they are about.

    Args:
        tags: All topics or all keywords.
        of_pages: The rows that say which page carries which.
    """
    pages = hub_pages().filter(desk.pickable_pages).values("pk")
    told = of_pages.filter(content_object__in=pages).values("tag")
    free = ~Q(pk__in=of_pages.values("tag"))
    for through in _of_files(tags.model):
        free &= ~Q(pk__in=through.objects.values("tag"))
    return tags.filter(Q(pk__in=told) | free)


def _of_files(model: Any) -> list[Any]:
    """The tables that say which picture and which document carries which topic; keywords stand on none."""
    from core.models import Topic  # which asks this module for titles
    from core.models.files import TopicOfDocument, TopicOfImage

    return [TopicOfImage, TopicOfDocument] if model is Topic else []


# The second net -------------------------------------------------------------------------------------


def title_for_desk(page: Any, title: str) -> str:
    """The title under which a page shows in the admin.

    While a person with a desk is answered: a page he may not pick has none, and one he does not own shows its
    published title, not that of a draft.
    """
    desk = desk_now()
    if desk is None or page.pk is None or page.depth == 1:
        return title
    row = page if hasattr(page, "standing_key") else desk.page(page.pk)
    if row is None or not desk.may_pick(row):
        return _("A page you cannot open")
    return title if desk.owns(row) else str(row.title)


def connect() -> None:
    """Put the net under Wagtail's own class too: the admin often holds pages as that."""
    named, displayed = Page.__str__, Page.get_admin_display_title
    Page.__str__ = lambda page: title_for_desk(page, named(page))  # type: ignore[method-assign]
    Page.get_admin_display_title = lambda page: title_for_desk(page, displayed(page))  # type: ignore[method-assign]


class PagePermissions(PagePermissionTester):
    """As Wagtail's; a person with a desk has rights over his own pages alone, and moves and copies none.

    What is moved or copied may cross from one group's section into another's: the secretariat does that.
    """

    def __init__(self, user: Any, page: Any) -> None:
        super().__init__(user, page)
        self.desk = desk_for(user)
        self.is_closed = self.desk is not None and not self.desk.owns(page)
        if self.is_closed:
            self.permissions = set()

    def can_edit(self) -> bool:
        """As Wagtail's, which also asks the workflow."""
        return not self.is_closed and bool(super().can_edit())

    def can_lock(self) -> bool:
        """As Wagtail's, which also asks the workflow."""
        return not self.is_closed and bool(super().can_lock())

    def can_unlock(self) -> bool:
        """As Wagtail's, which also asks whose lock it is."""
        return not self.is_closed and bool(super().can_unlock())

    def can_move(self) -> bool:
        """Only for the secretariat."""
        return self.desk is None and bool(super().can_move())

    def can_move_to(self, destination: Any) -> bool:
        """As Wagtail's; who leads puts a page elsewhere among those beside it, and nowhere else."""
        if self.desk is None:
            return bool(super().can_move_to(destination))
        parent = self.desk.page(destination.pk)
        return (
            not self.is_closed
            and self.page.is_child_of(destination)
            and parent is not None
            and PagePermissions(self.user, parent).can_reorder_children()
        )

    def can_reorder_children(self) -> bool:
        """As Wagtail's, which asks for the right to publish; also who leads the group whose page this is.

        An order changes no words, so it needs no review.
        """
        if self.desk is None:
            return bool(super().can_reorder_children())
        return self.user.is_active and "change" in self.permissions and self.desk.leads(self.page)

    def can_copy(self) -> bool:
        """Only for the secretariat."""
        return self.desk is None and bool(super().can_copy())
