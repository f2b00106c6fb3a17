"""Homes of working groups from Markdown files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.imported import Front, Imported, body_blocks, page_fields, paragraphs, put
from core.models import HubPage
from groups.models import WorkingGroupPage
from members.models import WorkingGroup


def import_group(
    path: Path,
    parent: HubPage,
    *,
    link: Callable[[str], str | None] | None = None,
    image: Callable[[str, str], Any] | None = None,
    translation_of: HubPage | None = None,
    slug: str = "",
) -> Imported:
    """Make the home of a working group that exists. One that stands there already stays as it is.

    Args:
        path: The Markdown file; its name gives the address, its ``working_group`` names the people.
        parent: The working groups section.
        link, image: As for ``core.markdown.blocks_from_markdown``.
        translation_of: The page of which it is a version in another language.
        slug: Last part of the address, where it is not the file's name.

    Raises:
        core.imported.ImportProblem: with every problem of the file; nothing is saved then.
    """
    front, text = Front.of_file(path)
    fields = page_fields(front, parent)
    front.text("working_group", required=True)
    group = fields["working_group"]
    if group is not None and front.text("kind"):
        kind = front.code("kind", WorkingGroup.Kind.values)
        if kind != group.kind:
            front.problem("kind", f"is {kind}, the working group is of the kind {group.kind}")
    blocks, remarks = body_blocks(front, text, **{k: v for k, v in (("link", link), ("image", image)) if v})
    page = WorkingGroupPage(**fields, agenda=paragraphs(front.text("agenda")), body=blocks)
    made = put(front, parent, page, slug=slug or path.name.partition(".")[0], translation_of=translation_of)
    return Imported(made.page, made.is_new, [*remarks, *made.remarks])
