"""Standards from Markdown files: the clauses stand in the front matter, the introduction below it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.imported import Front, Imported, body_blocks, page_fields, paragraphs, put
from core.models import HubPage
from core.models.contexts import Extremism, Region, Setting, Stage
from standards.models import NUMBER, Clause, ClauseSource, StandardPage, Status

MOST = 999  # the largest number of a clause


def import_standard(
    path: Path,
    parent: HubPage,
    *,
    find: Callable[[str], HubPage | None],
    link: Callable[[str], str | None] | None = None,
    image: Callable[[str, str], Any] | None = None,
    translation_of: HubPage | None = None,
    slug: str = "",
) -> Imported:
    """Make a standard of a file. One that stands there already under its address stays as it is.

    Args:
        path: The Markdown file; its name gives the address.
        parent: The standards section.
        find: Gives the page a clause rests on for the short name in ``rests_on``, or None.
        link, image: As for ``core.markdown.blocks_from_markdown``.
        translation_of: The standard of which it is a version in another language.
        slug: Last part of the address, where it is not the file's name.

    Raises:
        core.imported.ImportProblem: with every problem of the file; nothing is saved then.
    """
    front, text = Front.of_file(path)
    fields = page_fields(front, parent)
    blocks, remarks = body_blocks(front, text, **{k: v for k, v in (("link", link), ("image", image)) if v})
    number = front.text("number", required=True)
    if number and not NUMBER.fullmatch(number):
        front.problem("number", f"expected S and a number, such as S6, found {number!r}")
    standard = StandardPage(
        **fields,
        number=number[:3],
        edition=front.text("edition", most=60, required=True),
        status=front.code("status", Status.values, default=Status.DRAFT),
        setting=front.codes("setting", Setting.values),
        stage=front.codes("stage", Stage.values),
        extremism=front.codes("extremism", Extremism.values),
        regions=front.codes("regions", Region.values),
        body=blocks,
    )
    standard.clauses.set(clauses(front, find, remarks))
    made = put(front, parent, standard, slug=slug or path.name.partition(".")[0], translation_of=translation_of)
    return Imported(made.page, made.is_new, [*remarks, *made.remarks])


def clauses(front: Front, find: Callable[[str], HubPage | None], remarks: list[str]) -> list[Clause]:
    """The clauses in the order of the file; what they rest on and is not there is remarked."""
    found: dict[int, Clause] = {}
    for place, item in enumerate(front.items("clauses")):
        one = Front(item, front.where)
        number = one.number("number", 1, MOST)
        if number in found and not one.problems:
            one.problem("number", f"{number} is there twice")
        scope = one.code("scope", Clause.Scope.values, default=Clause.Scope.UNIVERSAL)
        context = one.text("context", most=120)
        if scope == Clause.Scope.CONTEXT and not context:
            one.problem("context", "is missing: the clause is for one context")
        if scope == Clause.Scope.UNIVERSAL and context:
            one.problem("context", "is given, but the clause is universal")
        clause = Clause(
            number=number,
            text=paragraphs(one.text("text", required=True)),
            guidance=paragraphs(one.text("guidance")),
            scope=scope,
            context=context,
            sort_order=place,
        )
        pages = []
        for name in one.words("rests_on"):
            page = find(name)
            if page is None:
                remarks.append(f"clause {number} rests on {name}, which is not there")
            else:
                pages.append(page)
        clause.rests_on.set([ClauseSource(page=page, sort_order=order) for order, page in enumerate(pages)])
        for problem in one.problems:
            front.problem(f"clauses, number {place + 1}", problem)
        found[number] = clause
    return list(found.values())
