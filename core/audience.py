"""The one deed that changes who may read, and the check that the derived keys are true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.signals import post_save, pre_delete, pre_save
from wagtail.log_actions import log
from wagtail.models import Page, PageViewRestriction, ReferenceIndex
from wagtail.signals import pre_page_move

from core import lines
from core.access import NOBODY, audience_of, is_as_strict
from core.forms import access_errors
from core.models import Generation, HubDocument, HubImage, HubPage
from core.models.pages import ACCESS_COLUMNS


@dataclass(frozen=True)
class Problem:
    """One thing ``check_integrity`` found: a page by id, and what is wrong in words."""

    page: int
    what: str


def set_audience(
    page: HubPage,
    audience: str,
    group: Any = None,
    user: Any = None,
    all_languages: bool = True,
    *,
    teaser: bool | None = None,
) -> set[int]:
    """Change who may read a page and all below it, at once; returns the ids of what changed.

    Args:
        page: Any page of the hub; its versions in other languages follow unless ``all_languages`` is off.
        audience: One of ``core.access.Audience``.
        group: The ``WorkingGroup`` that owns the page; needed for the two group audiences.
        user: Who did it, for the page's history.
        teaser: Whether title and summary are shown to everyone; None leaves it as it is.

    Raises:
        ValidationError: The audience is unknown, wider than the section, lacks its group, would leave
            nobody, or cannot have the teaser. Nothing is changed then.
    """
    with transaction.atomic():
        lines.lock()
        same = {"translation_key": page.translation_key} if all_languages else {"pk": page.pk}
        versions = models.QuerySet(HubPage).filter(**same).select_related("alias_of__hubpage").order_by("path")
        above = {}
        for version in versions:
            above[version.path] = lines.state_above(version.path)
            wants_teaser = version.teaser if teaser is None else teaser
            if teaser is None and audience not in ("members", "full"):
                wants_teaser = False
            errors = access_errors(audience, group, wants_teaser, above[version.path])
            if errors:
                raise ValidationError(errors)
            before = {"audience": version.audience, "group": version.working_group_id}
            # Closed until recompute has said what the new audience comes to.
            models.QuerySet(HubPage).filter(pk=version.pk).update(
                audience=audience,
                working_group=group,
                teaser=wants_teaser,
                access_key=NOBODY,
                teaser_listed=False,
            )
            version.audience, version.working_group, version.teaser = audience, group, wants_teaser
            log(
                instance=(page if version.pk == page.pk else version).specific,
                action="hub.set_audience",
                user=user,
                data={
                    "before": before,
                    "after": {"audience": audience, "group": group.pk if group else None},
                },
            )
        changed = lines.recompute(above, above)
    for version in versions:
        if version.pk == page.pk:
            derived = lines.Row.of(version).derived(above[version.path])
            version.standing_key, version.access_key = derived.standing_key, derived.access_key
            version.teaser_listed = derived.teaser_listed
            page._take({name: getattr(version, name) for name in ACCESS_COLUMNS})
    return changed


def check_integrity(*, mend: bool = False) -> list[Problem]:
    """Recompute the whole tree beside what is stored, in two queries, and tell every difference.

    Args:
        mend: Also write the right keys.
    """
    problems = [
        Problem(row.pk or 0, f"holds {row.stored}, should hold {derived}")
        for row, derived in lines.derive("")
        if row.stored != derived
    ]
    problems += [
        Problem(pk, "is no HubPage and knows no access rule")
        for pk in Page.objects.filter(depth__gt=1, hubpage=None).values_list("pk", flat=True)
    ]
    problems += [
        Problem(restriction.page_id, "has a view restriction, which the access rule does not know")
        for restriction in PageViewRestriction.objects.all()
    ]
    if mend and problems:
        with transaction.atomic():
            lines.lock()
            lines.recompute([""])
    return problems


def files_left_open(page: HubPage) -> list[tuple[HubDocument | HubImage, str]]:
    """Files that this page and those below use and no page needs to be so open, with the key they need.

    A file that a page elsewhere shows to more people is left alone.
    """
    inside = {str(pk) for pk in models.QuerySet(HubPage).filter(lines.subtree(page.path)).values_list("pk", flat=True)}
    page_type = ContentType.objects.get_for_model(Page)
    found: list[tuple[HubDocument | HubImage, str]] = []
    for model in (HubDocument, HubImage):
        users: dict[str, set[str]] = defaultdict(set)
        for file, user in ReferenceIndex.objects.filter(
            base_content_type=page_type, to_content_type=ContentType.objects.get_for_model(model)
        ).values_list("to_object_id", "object_id"):
            users[file].add(user)
        ours = {file: pages for file, pages in users.items() if pages & inside}
        keys = {
            str(pk): key
            for pk, key in models.QuerySet(HubPage)
            .filter(pk__in={pk for pages in ours.values() for pk in pages})
            .values_list("pk", "standing_key")
        }
        for file in model.objects.filter(pk__in=ours):
            needed = {keys[pk] for pk in ours[str(file.pk)] if pk in keys} - {NOBODY}
            loosest = next((key for key in needed if all(is_as_strict(other, key) for other in needed)), None)
            if loosest and loosest != file.access_key and is_as_strict(loosest, file.access_key):
                found.append((file, loosest))
    return found


def close_files(page: HubPage) -> int:
    """Close the files that ``files_left_open`` names as far as it says; returns how many."""
    with transaction.atomic():
        files = files_left_open(page)
        for file, key in files:
            file.audience, group = audience_of(key)
            file.working_group_id = group if group is not None else file.working_group_id
            file.save()
    return len(files)


# What Wagtail does to pages behind HubPage's back ------------------------------------------------


def keep_closed(pages: Iterable[HubPage]) -> None:
    """Make what the line of ancestors demands of these pages their own audience."""
    for page in pages:
        if page.standing_key in ("", NOBODY):
            continue
        audience, group = HubPage._closed_as(page.standing_key, page.working_group_id)
        models.QuerySet(HubPage).filter(pk=page.pk).update(
            audience=audience, working_group=group, access_key=NOBODY, teaser_listed=False
        )


def before_move(sender: Any, instance: Page, **kwargs: Any) -> None:
    """A moved page keeps at least what it was closed to; a reorder changes nothing."""
    if kwargs["parent_page_before"].pk != kwargs["parent_page_after"].pk:
        with transaction.atomic():
            lines.lock()
            keep_closed(models.QuerySet(HubPage).filter(pk=instance.pk))
            lines.recompute([instance.path])


def after_base_save(sender: Any, instance: Page, raw: bool = False, **kwargs: Any) -> None:
    """Wagtail moves and unpublishes pages as plain ``Page``: HubPage.save() never runs there."""
    if not raw:
        with transaction.atomic():
            # A move that began before somebody else's change ends after it, and must see it.
            lines.lock()
            lines.recompute([instance.path])
            Generation.raise_it()


def before_raw_save(sender: Any, instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """What a fixture says about access keys is not believed: closed, until the tree is recomputed."""
    if raw and isinstance(instance, HubPage):
        instance.access_key = NOBODY
        instance.teaser_listed = False
        transaction.on_commit(recompute_all)


def recompute_all() -> None:
    """Make the keys of the whole tree true."""
    with transaction.atomic():
        lines.lock()
        lines.recompute([""])


def before_delete(sender: Any, instance: Any, **kwargs: Any) -> None:
    """Aliases of a page that goes keep what it demanded of them."""
    if isinstance(instance, Page):
        lines.lock()
        keep_closed(models.QuerySet(HubPage).filter(alias_of=instance.pk))
        Generation.raise_it()


def connect() -> None:
    """Listen to what Wagtail does to pages. Called once, when the app is ready."""
    pre_page_move.connect(before_move)
    post_save.connect(after_base_save, sender=Page)
    pre_save.connect(before_raw_save)
    pre_delete.connect(before_delete)
