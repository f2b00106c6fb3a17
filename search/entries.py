"""What a model says about itself to the site search: the protocol between the rooms and the index.

A model takes part when it is indexed in the ordinary way (``search_fields``) and has a method
``search_entries(self) -> Iterable[Entry]``. It yields nothing for what no reader may find: drafts, aliases, the root.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, runtime_checkable

PUBLIC = "public"
NOBODY = "nobody"


@dataclass(frozen=True)
class Entry:
    """One place a reader can be sent to: an item, a headed section of it, a page of its file, or its teaser.

    Args:
        title: Title of the item, plain text; the same in all entries of one version.
        text: What can be read at this place, plain text. Empty in a teaser.
        summary: Summary of the item. Give it in the main entry and in the teaser, not again in each section.
        key: Access key of whoever may read this place. Closed unless it is said.
        language: Language code, such as ``en`` or ``de``. It chooses stems and stop words.
        item: What folds into one result: the ``translation_key`` of the item, the same in all its languages and
            places. Empty: the object folds with itself only.
        anchor: What is appended to the item's address, with its mark: ``#s-housing``. Empty: the top. Where it begins
            with a slash it is an address of its own, such as that of a page of a file.
        label: What the place is called, such as a heading or "page 7". Shown with the hit.
        facets: Codes by facet name, such as ``{"topic": ["housing"], "setting": ["prison"]}``. Each entry of an item
            carries all of them, the teaser too. ``language`` is added by the index from ``language``.
        date: When it was published, aware. Order by date is newest first; without a date comes last.
        author: Names that ``author:`` finds.
        topic: Words that ``topic:`` finds beside the codes of the facet ``topic``, such as names in all languages.
        keywords: Further words by which the item should be found; never shown. Like the words of author and topic they
            count in the main entry and weigh half.
        teaser: This is the public stand-in of something closed: title and summary, and nothing else. It is used only
            for viewers who may read no other entry of the same object.
        main: This entry stands for the item as a whole. Give exactly one per object (teasers stand for themselves):
            lists without a query and completions are made of these.
    """

    title: str
    text: str = ""
    summary: str = ""
    key: str = NOBODY
    language: str = "en"
    item: str = ""
    anchor: str = ""
    label: str = ""
    facets: Mapping[str, Sequence[str]] = field(default_factory=dict)
    date: datetime | None = None
    author: str = ""
    topic: str = ""
    keywords: str = ""
    teaser: bool = False
    main: bool = False


@runtime_checkable
class HasEntries(Protocol):
    """A model whose objects can be found by the site search."""

    def search_entries(self) -> Iterable[Entry]:
        """Give the entries of one object, in its language."""
