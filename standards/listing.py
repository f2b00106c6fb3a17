"""The standards as entries of a list: number, status and edition beside what every entry shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.access import Viewer
from core.cards import Card, cards_of

if TYPE_CHECKING:
    from standards.models import StandardPage


@dataclass(frozen=True)
class StandardEntry:
    """One standard in a list. Of one the viewer may not open, number, edition and status are not told."""

    card: Card
    number: str = ""
    edition: str = ""
    status: str = ""
    sign: str = ""
    is_superseded: bool = False


def entries_of(standards: Iterable[StandardPage], viewer: Viewer) -> list[StandardEntry]:
    """The entries of standards that the viewer may list."""
    standards = list(standards)
    return [
        StandardEntry(card)
        if card.closed
        else StandardEntry(
            card,
            number=page.number,
            edition=page.edition,
            status=page.get_status_display(),
            sign=page.status_sign,
            is_superseded=page.status == "superseded",
        )
        for page, card in zip(standards, cards_of(standards, viewer), strict=True)
    ]
