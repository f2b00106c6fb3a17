"""Entries of lists: what one page shows of itself to one viewer, in a list, in search results, on the home pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as day
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Q
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from core.access import Viewer, can_see, visible
from core.kinds import kind_label
from core.lines import STEP, subtree
from core.models import HubDocument, HubPage
from members.models import in_language
from search.library import Hit

# The end of the address of a place in a file (core.models.files.FilePart.fragment).
PLACE_IN_FILE = re.compile(r"#(?P<what>page|slide)=(?P<number>\d+)$")
FILE_ADDRESS = re.compile(r"/documents/(?P<pk>\d{1,18})/[^/]*$")


@dataclass(frozen=True)
class Card:
    """What one entry of a list shows; the arguments of ``components/entry.html``."""

    title: str
    url: str
    kind: str
    audience: str
    group: str = ""
    closed: bool = False
    summary: str = ""
    html: str = ""
    place: str = ""
    place_url: str = ""
    within: str = ""
    within_url: str = ""
    part: str = ""
    language: str = ""
    also_in: tuple[tuple[str, str], ...] = ()
    date: datetime | None = None
    minutes: int = 0
    review_by: day | None = None
    overdue: bool = False
    item: str = ""
    """What all versions of it share."""


def load(hits: Sequence[Hit], viewer: Viewer, *, snippets: bool = True) -> list[Card]:
    """Turn hits into entries in one query, or two where chapters name their book.

    A hit whose page this viewer may no longer list is left out, and one in a file that he or she may no longer open;
    where there are hits in files, that is one query more.
    """
    hits = [hit for hit in _without_closed_files(hits, viewer) if _is_page(hit.model) and hit.pk.isdecimal()]
    if not hits:
        return []
    versions: dict[UUID, list[HubPage]] = {}
    wanted = Q(pk__in=[int(hit.pk) for hit in hits])
    wanted |= Q(translation_key__in=[key for hit in hits if (key := _uuid(hit.item))])
    for page in HubPage.objects.listed_for(viewer).for_cards().filter(wanted, alias_of=None):
        versions.setdefault(page.translation_key, []).append(page)
    by_pk = {page.pk: page for pages in versions.values() for page in pages}
    shown = [(by_pk[int(hit.pk)], hit) for hit in hits if int(hit.pk) in by_pk]
    books = _books([page for page, _hit in shown], viewer)
    numbers = _numbers(books, viewer)
    return [
        card_of(
            page,
            viewer,
            versions=versions[page.translation_key],
            hit=hit if snippets else None,
            within=books.get(page.path[:-STEP]) if page.kind == "chapter" else None,
            number=numbers.get(page.path, 0),
        )
        for page, hit in shown
    ]


def cards_of(pages: Iterable[HubPage], viewer: Viewer) -> list[Card]:
    """Entries of pages in hand, which must come from ``listed_for`` or ``visible_to``, with ``for_cards``."""
    return [card_of(page, viewer) for page in pages]


def card_of(
    page: HubPage,
    viewer: Viewer,
    *,
    versions: Iterable[HubPage] = (),
    hit: Hit | None = None,
    within: HubPage | None = None,
    number: int = 0,
) -> Card:
    """The entry of one page that the viewer may list.

    ``number`` is that of a chapter in the book it is ``within``, from 1; 0 where it is not known.

    Of a page the viewer may not open it holds title, summary, kind, language and who may read, whatever the hit says.
    """
    order = [code for code, _name in settings.LANGUAGES]
    closed = not can_see(viewer, page)
    open_part: dict[str, Any] = {}
    if not closed:
        open_part = {
            "group": in_language(page.working_group, "name") if page.working_group else "",
            "date": page.published_on,
            # A guidebook is read by its chapters: the minutes of its cover alone would mislead.
            "minutes": 0 if page.kind == "guidebook" else page.reading_minutes,
            "review_by": page.review_by,
            "overdue": page.is_past_review,
        }
        if within is not None:
            open_part |= {"within": within.title, "within_url": within.url}
            if number:
                open_part["part"] = gettext("chapter %(number)d") % {"number": number}
        if hit is not None and hit.anchor and not hit.teaser:
            open_part |= {"place": place_of(hit), "place_url": place_url(page, hit)}
    return Card(
        title=page.title,
        url=page.url or "",
        kind=kind_label(page.kind),
        audience=page.shown_audience,
        closed=closed,
        summary=page.summary,
        # The engine has escaped the text and marked the words (search.library.Hit).
        html=mark_safe(hit.snippet) if hit is not None and (hit.teaser or not closed) else "",
        language=page.language,
        item=str(page.translation_key),
        also_in=tuple(
            (version.language, version.url or "")
            for version in sorted(versions, key=lambda version: order.index(version.language))
            if version.pk != page.pk
        ),
        **open_part,
    )


def place_url(page: HubPage, hit: Hit) -> str:
    """Where a hit's place is: on the page, or in a file of it, whose address begins anew."""
    return hit.anchor if hit.anchor.startswith("/") else f"{page.url}{hit.anchor}"


def place_of(hit: Hit) -> str:
    """What a hit's place is called; of a file, with its page, in the reader's language."""
    found = PLACE_IN_FILE.search(hit.anchor) if hit.anchor.startswith("/") else None
    if found is None:
        return hit.label
    words = (
        gettext("page %(number)s of %(file)s") if found["what"] == "page" else gettext("slide %(number)s of %(file)s")
    )
    return words % {"number": found["number"], "file": hit.label}


def _books(pages: Iterable[HubPage], viewer: Viewer) -> dict[str, HubPage]:
    """The guidebooks of chapters by path, as far as the viewer may list them."""
    paths = {page.path[:-STEP] for page in pages if page.kind == "chapter"}
    if not paths:
        return {}
    return {page.path: page for page in HubPage.objects.listed_for(viewer).filter(path__in=paths)}


def _without_closed_files(hits: Sequence[Hit], viewer: Viewer) -> list[Hit]:
    """The hits without those in files that the viewer may not open now, whatever the index says."""
    in_files = [hit for hit in hits if hit.anchor.startswith("/")]
    if not in_files:
        return list(hits)
    ids = {hit: int(found["pk"]) for hit in in_files if (found := FILE_ADDRESS.search(hit.anchor))}
    may = set(HubDocument.objects.filter(visible(viewer), pk__in=ids.values()).values_list("pk", flat=True))
    return [hit for hit in hits if hit not in in_files or ids.get(hit) in may]


def _numbers(books: Mapping[str, HubPage], viewer: Viewer) -> dict[str, int]:
    """The numbers of all chapters of these books by path, as the contents of a book count them for this viewer."""
    if not books:
        return {}
    below = Q()
    for path in books:
        below |= subtree(path, inclusive=False)
    numbers: dict[str, int] = {}
    counted: Counter[str] = Counter()
    chapters = HubPage.objects.visible_to(viewer).filter(below, kind="chapter").order_by("path")
    for path in chapters.values_list("path", flat=True):
        counted[path[:-STEP]] += 1
        numbers[path] = counted[path[:-STEP]]
    return numbers


def _is_page(label: str) -> bool:
    try:
        return issubclass(apps.get_model(label), HubPage)
    except (LookupError, ValueError):
        return False


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
