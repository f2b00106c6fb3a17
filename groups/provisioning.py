"""Makes what a working group needs to work and publish. Everything here may run any number of times."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import (
    Collection,
    GroupCollectionPermission,
    GroupPagePermission,
    Locale,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

from core.access import Audience
from core.models import HubPage
from groups.models import WorkingGroupIndexPage, WorkingGroupPage
from groups.permissions import settle
from groups.spaces import Space
from groups.workflow import BoardDecision, LeadReview, SecretariatReview, the_workflow
from members.models import User, WorkingGroup, in_language
from members.offices import holders

# Never "publish": in Wagtail it goes past the review, and opens closed pages in one click.
PAGE_PERMISSIONS = ("add_page", "change_page", "lock_page")
FILE_PERMISSIONS = ("add", "change", "choose")
FILES = {"wagtailimages": "image", "wagtaildocs": "document"}


@transaction.atomic
def provision(
    working_group: WorkingGroup,
    languages: Iterable[str] = (settings.LANGUAGE_CODE,),
    *,
    audience: str = Audience.MEMBERS,
    live: bool = False,
) -> Space:
    """Make what is missing of a group's space: home, collection of files, permission group, rights, review.

    Args:
        working_group: Whose space it is.
        languages: In which languages there is to be a home; those that are there already stay as they are.
        audience: Who may read a home that is made now.
        live: Whether a home that is made now is published at once.
    """
    space, _made = Space.objects.select_for_update().get_or_create(working_group=working_group)
    space.permission_group = permission_group_of(space)
    space.collection = collection_of(space)
    space.save()
    for language in languages:
        make_home(working_group, language, audience, live)
    grant(space)
    in_groups = User.objects.filter(groups=space.permission_group)
    for user in in_groups | holders([working_group]):
        settle(user)
    return space


def permission_group_of(space: Space) -> Group:
    """The group of Django's that holds the rights, called after the working group."""
    name = f"Working group {space.working_group_id}: {space.working_group.name}"[:150]
    group = space.permission_group or Group.objects.filter(name=name).first() or Group(name=name)
    group.name = name
    group.save()
    group.permissions.set(Permission.objects.filter(content_type__app_label="wagtailadmin", codename="access_admin"))
    return group


def collection_of(space: Space) -> Collection:
    """The collection in which the group keeps images and documents."""
    root = Collection.get_first_root_node()
    found: Collection = space.collection or root.add_child(name=space.working_group.name)
    if found.name != space.working_group.name:
        found.name = space.working_group.name
        found.save()
    return found


def homes_of(working_group: WorkingGroup) -> models.QuerySet[WorkingGroupPage]:
    """The homes of a group, one in each language that has one, live or not."""
    return models.QuerySet(WorkingGroupPage).filter(working_group=working_group, alias_of=None).order_by("locale_id")


def make_home(working_group: WorkingGroup, language: str, audience: str, live: bool) -> WorkingGroupPage | None:
    """The home in one language, made where it is missing; None where that language has no section of groups."""
    locale = Locale.objects.get(language_code=language)
    there = homes_of(working_group)
    found = there.filter(locale=locale).first()
    section = models.QuerySet(WorkingGroupIndexPage).filter(locale=locale, alias_of=None).first()
    if found is not None or section is None:
        return found
    taken = HubPage.objects.child_of(section).filter(slug=working_group.slug).exists()
    with override(language):
        page = WorkingGroupPage(
            title=in_language(working_group, "name", language),
            slug="" if taken else working_group.slug,
            working_group=working_group,
            audience=audience,
            summary=working_group.description[:500] if language == settings.LANGUAGE_CODE else "",
            live=False,
        )
    original = there.first()
    if original is not None:
        page.translation_key = original.translation_key
    made: WorkingGroupPage = section.add_child(instance=page)
    revision = made.save_revision()
    if live:
        revision.publish()
    return made


def grant(space: Space) -> None:
    """Give the permission group its rights on the group's homes and files, and no others; put the homes in review."""
    group, collection = space.permission_group, space.collection
    homes = list(homes_of(space.working_group))
    page_permissions = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=PAGE_PERMISSIONS)
    wanted = {(home.pk, permission.pk) for home in homes for permission in page_permissions}
    for held in GroupPagePermission.objects.filter(group=group):
        if (held.page_id, held.permission_id) not in wanted:
            held.delete()
    for page_id, permission_id in wanted:
        GroupPagePermission.objects.get_or_create(group=group, page_id=page_id, permission_id=permission_id)
    GroupCollectionPermission.objects.filter(group=group).exclude(collection=collection).delete()
    codenames = [f"{verb}_{model}" for verb in FILE_PERMISSIONS for model in FILES.values()]
    for permission in Permission.objects.filter(content_type__app_label__in=FILES, codename__in=codenames):
        GroupCollectionPermission.objects.get_or_create(group=group, collection=collection, permission=permission)
    workflow = make_workflow()
    for home in homes:
        WorkflowPage.objects.get_or_create(page_id=home.pk, defaults={"workflow": workflow})


def make_workflow() -> Workflow:
    """The one workflow of the hub, with its steps."""
    workflow = the_workflow()
    if workflow is not None:
        return workflow
    workflow = Workflow.objects.create(name=_("Review"))
    steps = [
        LeadReview.objects.create(name=_("A lead reads")),
        SecretariatReview.objects.create(name=_("The secretariat reads")),
        # Whether standards go to the board is data: the secretariat switches the step on.
        BoardDecision.objects.create(name=_("The board decides"), active=False),
    ]
    for place, step in enumerate(steps):
        WorkflowTask.objects.create(workflow=workflow, task=step, sort_order=place)
    return workflow


@transaction.atomic
def provision_all() -> None:
    """Give every working group its space; their homes are made by whoever writes them. Standards go to review too."""
    # After a migration the permissions may not be there yet.
    for label in ("wagtailadmin", "wagtailcore", *FILES):
        create_permissions(apps.get_app_config(label), verbosity=0)
    workflow = make_workflow()
    for section in HubPage.objects.filter(kind="section", alias_of=None).specific():
        if any(model.kind_code == "standard" for model in section.allowed_subpage_models()):
            WorkflowPage.objects.get_or_create(page_id=section.pk, defaults={"workflow": workflow})
    for working_group in WorkingGroup.objects.all():
        provision(working_group, languages=())
