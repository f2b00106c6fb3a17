"""What working groups add to Wagtail's admin: reviews, the list of checks, and the secretariat's pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.action_menu import ActionMenuItem, SubmitForModerationMenuItem, WorkflowMenuItem
from wagtail.admin.menu import MenuItem
from wagtail.admin.models import EditingSession
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel, WorkflowObjectsToModeratePanel
from wagtail.admin.widgets.button import Button
from wagtail.log_actions import LogActionRegistry, LogFormatter
from wagtail.models import WorkflowState

from core import lines
from core.desk import desk_for
from core.kinds import LIBRARY_KINDS
from core.models import HubPage
from groups import secretariat_views, workflow_views
from groups.leaving import open_stale_locks
from groups.submitting import may_send, sendable
from members.models import WorkingGroup
from members.offices import offices_of

# Wagtail's own buttons that begin a review. Ours begin with the list of checks.
BEGINNINGS = ("action-submit", "action-restart-workflow")
SEND = "action-send-to-review"


@hooks.register("register_admin_urls")
def register_reviews() -> list[Any]:
    """Addresses of the reviews and of the secretariat's pages about working groups."""
    return [
        path("reviews/", workflow_views.reviews, name="groups_reviews"),
        path("reviews/<int:task_state_id>/", workflow_views.review, name="groups_review"),
        path("reviews/<int:task_state_id>/take-back/", workflow_views.take_back_view, name="groups_take_back"),
        path("reviews/send/<int:page_id>/", workflow_views.send_view, name="groups_send"),
        path("working-groups/new/", secretariat_views.new_group, name="groups_new"),
        path("working-groups/publishing/", secretariat_views.rules, name="groups_rules"),
    ]


# Menu and dashboard --------------------------------------------------------------------------------


class ReviewsMenuItem(MenuItem):
    """For those who write, read or answer."""

    def is_shown(self, request: HttpRequest) -> bool:
        """Leads, authors and the secretariat."""
        user: Any = request.user
        return bool(user.is_secretariat or offices_of(user))


class SecretariatMenuItem(MenuItem):
    """For the secretariat alone."""

    def is_shown(self, request: HttpRequest) -> bool:
        """The secretariat."""
        user: Any = request.user
        return bool(user.is_secretariat)


@hooks.register("register_admin_menu_item")
def reviews_in_menu() -> MenuItem:
    """Where people find what waits for them."""
    return ReviewsMenuItem(
        gettext_lazy("Reviews"), reverse("groups_reviews"), name="reviews", icon_name="tasks", order=110
    )


@hooks.register("register_admin_menu_item")
def new_group_in_menu() -> MenuItem:
    """The one button for a new working group."""
    return SecretariatMenuItem(
        gettext_lazy("New working group"), reverse("groups_new"), name="new-working-group", icon_name="plus", order=255
    )


@hooks.register("register_settings_menu_item")
def rules_in_menu() -> MenuItem:
    """Where the secretariat says how things are published."""
    return SecretariatMenuItem(
        gettext_lazy("How things are published"), reverse("groups_rules"), name="publishing", icon_name="cogs", order=50
    )


class WaitingPanel(Component):
    """What waits for this person, on the first page of the admin."""

    name = "waiting_for_you"
    template_name = "groups/admin/waiting_panel.html"
    order = 120

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """The rows of the list."""
        return {"rows": workflow_views.waiting_rows(parent_context["request"].user)}


@hooks.register("construct_homepage_panels")
def waiting_on_dashboard(request: HttpRequest, panels: list[Any]) -> None:
    """Our panel in the place of Wagtail's two, whose buttons approve what nobody has read."""
    theirs = (WorkflowObjectsToModeratePanel, UserObjectsInWorkflowModerationPanel)
    panels[:] = [panel for panel in panels if not isinstance(panel, theirs)]
    user: Any = request.user
    if user.is_secretariat or offices_of(user):
        panels.append(WaitingPanel())


# The editor ----------------------------------------------------------------------------------------


class SendMenuItem(SubmitForModerationMenuItem):
    """Saves the draft, then shows the list of checks."""

    def get_context_data(self, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        """As Wagtail's, in our words."""
        return {**super().get_context_data(parent_context), "label": _("Send to review…")}


class SeeReviewMenuItem(ActionMenuItem):
    """Leads from the editor to the review of the page."""

    name = "action-see-review"
    label = gettext_lazy("See the review")
    icon_name = "view"

    def get_url(self, parent_context: Mapping[str, Any]) -> str:
        """The step the page stands at."""
        return reverse("groups_review", args=[parent_context["page"].current_workflow_task_state.pk])


@hooks.register("construct_page_action_menu")
def review_in_action_menu(items: list[Any], request: HttpRequest, context: dict[str, Any]) -> None:
    """Sending begins with the list of checks, answering with reading: no button approves from within the editor."""
    page, user = context.get("page"), request.user
    is_draft = page is not None and bool(page.pk) and (not page.live or page.has_unpublished_changes)
    gone = ("action-restart-workflow", "action-cancel-workflow")
    items[:] = [item for item in items if not isinstance(item, WorkflowMenuItem) and item.name not in gone]
    for place, item in enumerate(items):
        if item.name == "action-submit":
            items[place] = SendMenuItem(order=item.order)
            if is_draft and desk_for(user) is not None:
                # What writers keep is kept by the editor itself; what is left to do is to send it.
                items.insert(0, items.pop(place))
    in_review = page is not None and page.pk and page.current_workflow_task_state is not None
    if in_review and workflow_views.may_follow(user, page):  # type: ignore[arg-type]
        items.insert(1 if items and not context["locked_for_user"] else 0, SeeReviewMenuItem())


@hooks.register("register_page_header_buttons")
def send_beside_chapters(page: Any, user: Any, view_name: str, next_url: str | None = None) -> Iterator[Button]:
    """Sending a book from the list of its chapters: only what has changed goes, the book itself is not saved anew."""
    specific = page.specific
    if view_name != "index" or not isinstance(specific, HubPage) or specific.kind not in LIBRARY_KINDS:
        return
    pages = sendable(specific, user) if may_send(user, specific) else []
    if any(not each.live or each.has_unpublished_changes for each in pages):
        url = reverse("groups_send", args=[page.pk])
        yield Button(_("Send to review…"), url, icon_name="resubmit", priority=16)


def begin_with_checks(request: HttpRequest) -> None:
    """Turn "submit" into "save, then show the list of checks", whichever of Wagtail's buttons asked for it."""
    if request.method == "POST" and any(name in request.POST for name in BEGINNINGS):
        posted = request.POST.copy()
        for name in BEGINNINGS:
            posted.pop(name, None)
        posted[SEND] = "1"
        request.POST = posted  # type: ignore[assignment]


@hooks.register("before_create_page")
def before_create(request: HttpRequest, parent: Any, page_class: Any) -> None:
    """A new page can be sent to review once it is kept."""
    begin_with_checks(request)


@hooks.register("before_edit_page")
def before_edit(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Open the lock of somebody who has left, and see whether somebody else has saved meanwhile."""
    begin_with_checks(request)
    if page.locked and page.locked_by_id and open_stale_locks([page]) and request.method == "GET":
        # Wagtail has looked at the lock already; what was posted is shown again by itself.
        return redirect(request.get_full_path())
    # What this editor was opened with, or has kept itself since by autosaving.
    known = request.POST.get("overwrite_revision_id") or request.POST.get("loaded_revision_id")
    if known and page.latest_revision_id and known != str(page.latest_revision_id):
        request._saved_meanwhile = page.latest_revision_id  # type: ignore[attr-defined]
    return None


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def after_saving(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Go on to the list of checks if that was asked for; say so when two people wrote at the same time."""
    theirs = getattr(request, "_saved_meanwhile", None)
    latest = page.get_latest_revision()
    if theirs and latest is not None and latest.pk != theirs:
        compare = reverse("wagtailadmin_pages:revisions_compare", args=[page.pk, theirs, latest.pk])
        messages.warning(
            request,
            _("Somebody else saved this page while you were writing. Both versions are kept: compare them."),
            buttons=[messages.button(compare, _("Compare"))],
        )
    if SEND in request.POST and page.has_workflow:
        return redirect("groups_send", page.pk)
    return None


@hooks.register("before_delete_page")
def keep_what_is_written(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Refuse to delete what somebody is writing on at this moment, or reads in review.

    The text of whoever writes would have no page to go to.
    """
    ids = [str(pk) for pk in models.QuerySet(HubPage).filter(lines.subtree(page.path)).values_list("pk", flat=True)]
    user: Any = request.user
    in_review = WorkflowState.objects.filter(object_id__in=ids, status=WorkflowState.STATUS_IN_PROGRESS)
    if in_review.exists() and not user.is_secretariat:
        messages.error(request, _("Nothing was deleted: this is in review. Take it back first."))
        return redirect("wagtailadmin_pages:edit", page.pk)
    others = EditingSession.objects.filter(
        object_id__in=ids,
        last_seen_at__gte=timezone.now() - EditingSession.IDLE_TIMEOUT,
        content_type__app_label="wagtailcore",
        content_type__model="page",
    ).exclude(user=request.user)
    if not others.exists():
        return None
    return render(request, "groups/admin/being_written.html", {"page": page}, status=409)


@hooks.register("before_create_snippet")
def groups_begin_whole(request: HttpRequest, model: type[Any]) -> HttpResponse | None:
    """A working group is made with all it needs, not as a bare row."""
    return redirect("groups_new") if model is WorkingGroup else None


# The log -------------------------------------------------------------------------------------------


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Changes of how things are published show in the log, in words."""

    @actions.register_action("groups.rules")
    class RulesChanged(LogFormatter):
        label = gettext_lazy("Change how things are published")

        def format_message(self, entry: Any) -> str:
            if "board" in entry.data:
                return (
                    _("Standards wait for the board")
                    if entry.data["board"]
                    else _("Standards do not wait for the board")
                )
            if entry.data.get("alone"):
                return _("One lead may publish alone what is not public")
            return _("Somebody else reads what a lead has written")
