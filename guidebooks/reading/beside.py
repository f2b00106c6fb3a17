"""What a chapter shows its reader of his or her own: when it was read, what changed since, the notes on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.access import Viewer
from guidebooks.reading.comparing import Comparison, Marks
from guidebooks.reading.notes import LONGEST_NOTE, Shown, on_page
from guidebooks.reading.readings import Reading, has_changed, is_of_well_being
from guidebooks.reading.versions import Text
from members.models import User


@dataclass(frozen=True)
class Beside:
    """What one reader has beside a chapter.

    Args:
        digest: Of the text that is shown; what is noted as read.
        reading: What was read last, if anything.
        asked: Whether the changes were asked for.
        is_noted: Whether anything is noted here: not where the chapter is about looking after oneself.
        has_changed: Whether there was more than small corrections since.
        places: In how many places it changed; 0 where the earlier text is no longer kept.
        shows_old: Whether what stood there before may be shown.
        marks: Writes the changes into the text, where they were asked for.
    """

    digest: str
    reading: Reading | None
    is_noted: bool
    notes: list[Shown]
    asked: bool
    has_changed: bool = False
    places: int = 0
    shows_old: bool = False
    marks: Marks | None = None
    longest_note: int = LONGEST_NOTE

    @classmethod
    def of(cls, user: User, viewer: Viewer, page: Any, reading: Reading | None, *, marked: bool) -> Beside:
        """Look it up: two queries, and two more where the chapter changed since it was read.

        Args:
            reading: What the person has read of this page.
            marked: Whether the changes are asked for, to be marked in the text.
        """
        shared: dict[str, Any] = {
            "digest": Text.of_page(page).digest,
            "reading": reading,
            "is_noted": reading is not None or not is_of_well_being(page),
            "notes": on_page(user, page, viewer),
            "asked": marked,
        }
        if reading is None or not has_changed(reading, page):
            return cls(**shared)
        shows_old, old = reading.shows_old_words(viewer), reading.version.read_again()
        if old is None:
            return cls(**shared, has_changed=True, shows_old=shows_old)
        comparison = Comparison.of(old, Text.of_page(page))
        return cls(
            **shared,
            has_changed=True,
            places=comparison.places(with_old=shows_old),
            shows_old=shows_old,
            marks=Marks(comparison, page.body, with_old=shows_old) if marked else None,
        )
