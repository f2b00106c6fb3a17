"""The doors of Wagtail's admin that are open to leads and authors, by name.

Everything that is not written here is shut: a view that Wagtail, a package or a room adds later stays so until
somebody writes its name and says what each of its arguments is. Whatever stands in the path, the query or what is
sent must be of a known name, and every id in it must belong to what the person owns or may pick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest
from django.urls import ResolverMatch
from wagtail.admin.models import EditingSession
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.models import (  # Wagtail's own lists are of these
    Page,  # noqa: TID251
    Revision,
    TaskState,
    UploadedFile,
    WorkflowState,
    get_page_models,
)
from wagtail.permissions import policy_registry

from core.desk import Desk
from core.models import HubPage

LONGEST_ID = 18  # digits; more fit into no column
Rule = Callable[[Desk, HttpRequest, str], bool]


# What an argument can be -----------------------------------------------------------------------------


def free(_desk: Desk, _request: HttpRequest, _value: str) -> bool:
    """Words, numbers and choices that lead to no thing."""
    return True


def order(_desk: Desk, _request: HttpRequest, value: str) -> bool:
    """An order of a list; not by how often a thing is used, which counts uses on closed pages."""
    return "usage" not in value


def own_page(desk: Desk, _request: HttpRequest, value: str) -> bool:
    """A page the person owns; the request then works there."""
    page = desk.page(int(value)) if is_id(value) else None
    if page is None or not desk.owns(page):
        return False
    desk.here = page.path
    return True


def led_page(desk: Desk, request: HttpRequest, value: str) -> bool:
    """A page of a group the person leads; the request then works there."""
    return own_page(desk, request, value) and desk.leads(desk.page(int(value)))


def place(_desk: Desk, _request: HttpRequest, value: str) -> bool:
    """A place in a list, counted from 0."""
    return is_id(value)


def pickable_page(desk: Desk, _request: HttpRequest, value: str) -> bool:
    """A page the person may link to, or the root of the tree."""
    if not is_id(value):
        return value == ""
    page = desk.page(int(value))
    return int(value) == Page.get_first_root_node().pk if page is None else desk.may_pick(page)


def known_page(desk: Desk, request: HttpRequest, value: str) -> bool:
    """A page in what an editor sends to say where it stands; nothing is looked up by it."""
    return value in ("", "None") or pickable_page(desk, request, value)


def page_type(_desk: Desk, request: HttpRequest, value: str) -> bool:
    """One half of the name of a type of page."""
    return any(value in (model._meta.app_label, model._meta.model_name) for model in page_models())


def own_revision(desk: Desk, request: HttpRequest, value: str) -> bool:
    """A revision of a page the person owns, or a word that stands for one."""
    if value in ("", "live", "earliest", "latest"):
        return True
    return is_id(value) and owns_any(desk, request, Revision.objects.filter(pk=value, base_content_type=of_pages()))


def own_task_state(desk: Desk, request: HttpRequest, value: str) -> bool:
    """A step in the review of a page the person owns."""
    states = TaskState.objects.filter(pk=value) if is_id(value) else TaskState.objects.none()
    return own_review(desk, request, states.values("workflow_state"))


def own_workflow_state(desk: Desk, request: HttpRequest, value: str) -> bool:
    """The review of a page the person owns."""
    return is_id(value) and own_review(desk, request, [value])


def own_task(desk: Desk, request: HttpRequest, value: str) -> bool:
    """A task that stands in the review of a page the person owns."""
    states = TaskState.objects.filter(task=value) if is_id(value) else TaskState.objects.none()
    return own_review(desk, request, states.values("workflow_state"))


def own_session(_desk: Desk, request: HttpRequest, value: str) -> bool:
    """The person's own window with an editor, or none yet."""
    return is_id(value) and not EditingSession.objects.filter(pk=value).exclude(user=request.user.pk).exists()


def own_upload(_desk: Desk, request: HttpRequest, value: str) -> bool:
    """A file the person has just sent and not yet described."""
    return is_id(value) and UploadedFile.objects.filter(pk=value, uploaded_by_user=request.user.pk).exists()


def collection(_desk: Desk, request: HttpRequest, value: str) -> bool:
    """A collection the person puts files into."""
    if not value:
        return True
    policies = [policy_registry.get_by_type(model) for model in (get_image_model(), get_document_model())]
    allowed = [policy.collections_user_has_any_permission_for(request.user, ["add", "choose"]) for policy in policies]
    return is_id(value) and any(collections.filter(pk=value).exists() for collections in allowed)


def file(model: Callable[[], Any], *actions: str) -> Rule:
    """A picture or a document with which the person may do one of these things."""

    def rule(_desk: Desk, request: HttpRequest, value: str) -> bool:
        allowed = policy_registry.get_by_type(model()).instances_user_has_any_permission_for(request.user, actions)
        return is_id(value) and bool(allowed.filter(pk=value).exists())

    return rule


own_image, own_document = file(get_image_model, "change", "delete"), file(get_document_model, "change", "delete")
any_image, any_document = file(get_image_model, "choose"), file(get_document_model, "choose")


def review_action(desk: Desk, request: HttpRequest, value: str) -> bool:
    """A step in a review: approving and asking for changes is the leads'."""
    return value not in ("approve", "reject") or any(
        desk.leads(page) for page in desk.known.values() if page is not None and page.path == desk.here
    )


def is_id(value: str) -> bool:
    """Whether this can be the id of something."""
    return value.isascii() and value.isdigit() and len(value) <= LONGEST_ID


def of_pages() -> ContentType:
    """What revisions, reviews and log entries of pages hang on."""
    return ContentType.objects.get_for_model(Page)


def owns_any(desk: Desk, request: HttpRequest, rows: Any) -> bool:
    """Whether the first of rows with an ``object_id`` is about a page the person owns."""
    row = rows.first()
    here = desk.here
    owned = row is not None and own_page(desk, request, row.object_id)
    # Where the address names a page, what hangs on another page is not there.
    return owned and here in ("", desk.here)


def own_review(desk: Desk, request: HttpRequest, states: Any) -> bool:
    """Whether one of these workflow states is the review of a page the person owns."""
    rows = WorkflowState.objects.filter(pk__in=states, base_content_type=of_pages())
    own = HubPage.objects.filter(desk.own_pages, pk__in=[row.object_id for row in rows])
    if desk.here:
        own = own.filter(path=desk.here)
    return own.exists()


def page_models() -> Iterable[type[Page]]:
    """All types of pages; Wagtail's own name for any of them too."""
    return [Page, *get_page_models()]


# Doors -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Door:
    """One open view and its arguments by name.

    ``sends`` is what may be posted; ``FORM`` where a form behind the door takes only its own fields and checks each
    of them (core.forms, hub.admin_files); empty: nothing may be posted but Django's token.
    """

    path: Mapping[str, Rule] = field(default_factory=dict)
    asks: Mapping[str, Rule] = field(default_factory=dict)
    sends: Mapping[str, Rule] | None = field(default_factory=dict)


FORM = None
TOKEN = {"csrfmiddlewaretoken": free, "next": free}

PAGE, PARENT = {"page_id": own_page}, {"parent_page_id": own_page}
TYPE = {"content_type_app_name": page_type, "content_type_model_name": page_type}
LIST = {"q": free, "p": free, "ordering": order, "_w_filter_fragment": free, "layout": free, "export": lambda *_: False}
PAGE_FILTERS = {
    "content_type": free,
    "has_child_pages": free,
    "latest_revision_created_at_from": free,
    "latest_revision_created_at_to": free,
    "search_all": free,
}
PREVIEW = {"mode": free, "in_preview_panel": free, "_w_hydrate_create_view": free}
HISTORY = {
    **dict.fromkeys(("action", "user", "timestamp_from", "timestamp_to", "is_commenting_action"), free),
    **LIST,
}
PAGE_CHOOSER = {
    **dict.fromkeys(("page_type", "q", "p", "multiple", "can_choose_root", "match_subclass", "locale"), free),
    **dict.fromkeys(("allow_external_link", "allow_email_link", "allow_phone_link", "allow_anchor_link"), free),
    **dict.fromkeys(("link_text", "link_url"), free),
    "parent_page_id": known_page,
}
FILE_LIST = {**LIST, "collection_id": collection}
FILE_CHOOSER = {**FILE_LIST, "multiple": free, "select_format": free, "linked_fields": free}
NEXT = {"next": free}


def link_window(sends: str) -> Door:
    """A window for a link to an address, a mailbox, a telephone or a place in the text."""
    fields = {
        f"{sends}-{name}": free for name in ("url", "link_text", "email_address", "subject", "body", "phone_number")
    }
    return Door(asks=PAGE_CHOOSER, sends=fields)


OPEN: dict[str, Door] = {
    # The way in
    "wagtailadmin_home": Door(),
    "wagtailadmin_account": Door(sends=FORM),
    "hub_admin_login": Door(asks=NEXT),
    "hub_admin_logout": Door(asks=NEXT),
    "wagtailadmin_dismissibles": Door(sends=FORM),
    "wagtailadmin_sprite": Door(asks={"h": free}),
    "wagtailadmin_javascript_catalog": Door(),
    # Pages
    "wagtailadmin_explore_root": Door(asks={**LIST, **PAGE_FILTERS}),
    "wagtailadmin_explore": Door(PARENT, {**LIST, **PAGE_FILTERS}),
    "wagtailadmin_explore_results": Door(PARENT, {**LIST, **PAGE_FILTERS}),
    "wagtailadmin_pages:search": Door(asks={**LIST, "content_type": free}),
    "wagtailadmin_pages:search_results": Door(asks={**LIST, "content_type": free}),
    "wagtailadmin_pages:add_subpage": Door(PARENT, NEXT),
    "wagtailadmin_pages:add": Door({**TYPE, **PARENT}, {**NEXT, "locale": free, **PREVIEW}, FORM),
    "wagtailadmin_pages:preview_on_add": Door({**TYPE, **PARENT}, PREVIEW, FORM),
    "wagtailadmin_pages:edit": Door(PAGE, {**NEXT, **PREVIEW}, FORM),
    "wagtailadmin_pages:preview_on_edit": Door(PAGE, PREVIEW, FORM),
    "wagtailadmin_pages:view_draft": Door(PAGE, PREVIEW),
    "wagtailadmin_pages:delete": Door(PAGE, NEXT, {"confirm_site_name": free}),
    "wagtailadmin_pages:set_page_position": Door({"page_to_move_id": led_page}, {"position": place}),
    "wagtailadmin_pages:lock": Door(PAGE, NEXT),
    "wagtailadmin_pages:unlock": Door(PAGE, NEXT),
    "wagtailadmin_pages:history": Door(PAGE, HISTORY),
    "wagtailadmin_pages:history_results": Door(PAGE, HISTORY),
    "wagtailadmin_pages:revisions_index": Door(PAGE),
    "wagtailadmin_pages:revisions_view": Door({**PAGE, "revision_id": own_revision}, PREVIEW),
    "wagtailadmin_pages:revisions_revert": Door({**PAGE, "revision_id": own_revision}, PREVIEW, FORM),
    "wagtailadmin_pages:revisions_compare": Door(
        {"pk": own_page, "revision_id_a": own_revision, "revision_id_b": own_revision}
    ),
    # Reviews
    "wagtailadmin_pages:workflow_action": Door(
        {**PAGE, "action_name": review_action, "task_state_id": own_task_state}, NEXT, {"comment": free, "read": free}
    ),
    "wagtailadmin_pages:collect_workflow_action_data": Door(
        {**PAGE, "action_name": review_action, "task_state_id": own_task_state}, NEXT, {"comment": free, "read": free}
    ),
    "wagtailadmin_pages:confirm_workflow_cancellation": Door(PAGE, NEXT),
    "wagtailadmin_pages:workflow_preview": Door({**PAGE, "task_id": own_task}, PREVIEW),
    "wagtailadmin_pages:workflow_history": Door(PAGE, LIST),
    "wagtailadmin_pages:workflow_history_detail": Door({**PAGE, "workflow_state_id": own_workflow_state}),
    "groups_reviews": Door(asks=LIST),
    "groups_review": Door({"task_state_id": own_task_state}, sends=FORM),
    "groups_take_back": Door({"task_state_id": own_task_state}),
    "groups_send": Door(PAGE, sends=FORM),
    # Beside the editor
    "wagtailadmin_editing_sessions:ping": Door(
        {"app_label": page_type, "model_name": page_type, "object_id": own_page, "session_id": own_session},
        sends={"revision_id": own_revision, "revision_created_at": free, "is_editing": free},
    ),
    "wagtailadmin_editing_sessions:release": Door({"session_id": own_session}),
    "wagtailadmin_block_preview": Door(asks={"id": free}),
    "wagtailadmin_choose_page": Door(asks=PAGE_CHOOSER),
    "wagtailadmin_choose_page_child": Door({"parent_page_id": pickable_page}, PAGE_CHOOSER),
    "wagtailadmin_choose_page_search": Door(asks=PAGE_CHOOSER),
    "wagtailadmin_choose_page_chosen_multiple": Door(asks={**PAGE_CHOOSER, "id": pickable_page}),
    "wagtailadmin_choose_page_external_link": link_window("external-link-chooser"),
    "wagtailadmin_choose_page_email_link": link_window("email-link-chooser"),
    "wagtailadmin_choose_page_phone_link": link_window("phone-link-chooser"),
    "wagtailadmin_choose_page_anchor_link": link_window("anchor-link-chooser"),
    "wagtailadmin_tag_model_autocomplete": Door({"app_name": free, "model_name": free}, {"term": free}),
    # Pictures
    "wagtailimages:index": Door(asks=FILE_LIST),
    "wagtailimages:index_results": Door(asks=FILE_LIST),
    "wagtailimages:add": Door(asks={**NEXT, "collection_id": collection}, sends=FORM),
    "wagtailimages:edit": Door({"image_id": own_image}, NEXT, FORM),
    "wagtailimages:delete": Door({"image_id": own_image}, NEXT),
    "wagtailimages:add_multiple": Door(asks={"collection_id": collection}, sends=FORM),
    "wagtailimages:edit_multiple": Door({"image_id": own_image}, sends=FORM),
    "wagtailimages:delete_multiple": Door({"image_id": own_image}),
    "wagtailimages:create_multiple_from_uploaded_image": Door({"uploaded_file_id": own_upload}, sends=FORM),
    "wagtailimages:delete_upload_multiple": Door({"uploaded_file_id": own_upload}),
    "wagtailimages_chooser:choose": Door(asks=FILE_CHOOSER),
    "wagtailimages_chooser:choose_results": Door(asks=FILE_CHOOSER),
    "wagtailimages_chooser:chosen": Door({"pk": any_image}, FILE_CHOOSER),
    "wagtailimages_chooser:chosen_multiple": Door(asks={**FILE_CHOOSER, "id": any_image}),
    "wagtailimages_chooser:create": Door(asks=FILE_CHOOSER, sends=FORM),
    "wagtailimages_chooser:select_format": Door(
        {"image_id": any_image}, {**FILE_CHOOSER, "format": free, "alt_text": free}, FORM
    ),
    # Documents
    "wagtaildocs:index": Door(asks=FILE_LIST),
    "wagtaildocs:index_results": Door(asks=FILE_LIST),
    "wagtaildocs:add": Door(asks={**NEXT, "collection_id": collection}, sends=FORM),
    "wagtaildocs:edit": Door({"document_id": own_document}, NEXT, FORM),
    "wagtaildocs:delete": Door({"document_id": own_document}, NEXT),
    "wagtaildocs:add_multiple": Door(asks={"collection_id": collection}, sends=FORM),
    "wagtaildocs:edit_multiple": Door({"doc_id": own_document}, sends=FORM),
    "wagtaildocs:delete_multiple": Door({"doc_id": own_document}),
    "wagtaildocs:create_multiple_from_uploaded_document": Door({"uploaded_file_id": own_upload}, sends=FORM),
    "wagtaildocs:delete_upload_multiple": Door({"uploaded_file_id": own_upload}),
    "wagtaildocs_chooser:choose": Door(asks=FILE_CHOOSER),
    "wagtaildocs_chooser:choose_results": Door(asks=FILE_CHOOSER),
    "wagtaildocs_chooser:chosen": Door({"pk": any_document}, FILE_CHOOSER),
    "wagtaildocs_chooser:chosen_multiple": Door(asks={**FILE_CHOOSER, "id": any_document}),
    "wagtaildocs_chooser:create": Door(asks=FILE_CHOOSER, sends=FORM),
    "core_read_again": Door({"document_id": own_document}),
}


# Views of other rooms that ask for themselves whom they let in; one line opens all names that begin so. Of their
# addresses only these arguments are known, and they ask for nothing; what they are sent they check themselves.
ROOMS = ("guidebooks_upload",)
ROOM_PATH: Mapping[str, Rule] = {
    "page_id": own_page,
    "parent_page_id": own_page,
    "upload_id": free,
    "pk": free,
}


ROOM = Door(ROOM_PATH, {}, FORM)


def door_of(name: str) -> Door | None:
    """The open door of this name; ``None`` where it is shut."""
    return OPEN.get(name) or (ROOM if name.startswith(ROOMS) else None)


def is_open(desk: Desk, request: HttpRequest, match: ResolverMatch) -> bool:
    """Whether this request may pass: its view is named above, and so is all it carries."""
    door = door_of(match.view_name)
    if door is None or match.args:
        return False
    given = [(door.path, match.kwargs.items()), (door.asks, pairs(request.GET))]
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        if door.sends is not FORM:
            given.append(({**TOKEN, **door.sends}, [*pairs(request.POST), *pairs(request.FILES)]))
        elif request.POST.get("action-workflow-action"):
            given.append(({"workflow-action-name": review_action}, sent_review(request)))
    return all(
        name in rules and rules[name](desk, request, str(value)) for rules, values in given for name, value in values
    )


def sent_review(request: HttpRequest) -> list[tuple[str, str]]:
    """The step in a review that an editor sends along with the page."""
    return [("workflow-action-name", value) for value in request.POST.getlist("workflow-action-name")]


def pairs(given: Any) -> list[tuple[str, Any]]:
    """All names and values, names that come twice as often as they come."""
    return [(name, value) for name, values in given.lists() for value in values]
