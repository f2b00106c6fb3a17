"""The lists of a Word file: which are numbered, how, and the number of each item."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from guidebooks.word.package import W
from guidebooks.word.styles import number, value

BOXES = set("☐☑☒□▢❏❑") | {"\uf0a8", "\uf06f", "\uf071", "\uf072", "\u00a8"}
"""Signs of a list whose items are to be ticked, those of Wingdings among them."""
WINGDINGS = {"o", "q", "r", "¨"}


@dataclass
class Level:
    """One level of a list: how it counts, and from where."""

    format: str = "bullet"
    start: int = 1
    sign: str = ""
    symbols: bool = False

    @property
    def ordered(self) -> bool:
        return self.format not in {"bullet", "none", ""}

    @property
    def ticked(self) -> bool:
        """Whether its sign is a box to tick."""
        return self.format == "bullet" and (self.sign in BOXES or (self.symbols and self.sign in WINGDINGS))


@dataclass
class Num:
    """A list, as paragraphs name it."""

    abstract: str
    levels: dict[int, Level] = field(default_factory=dict)
    restarts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """All lists of a file, counting while the text is read from its beginning to its end."""

    def __init__(self, tree: Any) -> None:
        self.abstract: dict[str, dict[int, Level]] = {}
        self.nums: dict[str, Num] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        if tree is None:
            return
        for element in tree.iter(W + "abstractNum"):
            self.abstract[element.get(W + "abstractNumId", "")] = dict(_levels(element))
        for element in tree.iter(W + "num"):
            num = Num(value(element.find(W + "abstractNumId")))
            for override in element.iter(W + "lvlOverride"):
                place = _place(override)
                start = number(override.find(W + "startOverride"))
                if start is not None:
                    num.restarts[place] = start
                num.levels.update(_levels(override))
            self.nums[element.get(W + "numId", "")] = num

    def level(self, num_id: str, place: int) -> Level | None:
        """One level of a list; None for a list that the file does not have."""
        num = self.nums.get(num_id)
        if num is None:
            return None
        return num.levels.get(place) or self.abstract.get(num.abstract, {}).get(place) or Level()

    def count(self, num_id: str, place: int) -> int:
        """The number of the next item of a list. Deeper levels begin anew."""
        num, level = self.nums[num_id], self.level(num_id, place)
        counts = self._counts.setdefault(num.abstract, [None] * 9)
        begins = (num_id, place) not in self._begun
        self._begun.add((num_id, place))
        before = counts[place]
        if begins and place in num.restarts:
            now = num.restarts[place]
        elif before is None:
            now = level.start if level else 1
        else:
            now = before + 1
        counts[place] = now
        counts[place + 1 :] = [None] * (8 - place)
        return now


def _levels(element: Any) -> list[tuple[int, Level]]:
    found = []
    for level in element.iter(W + "lvl"):
        fonts = level.find(f"{W}rPr/{W}rFonts")
        named = " ".join(fonts.attrib.values()).lower() if fonts is not None else ""
        start = number(level.find(W + "start"))
        made = Level(
            value(level.find(W + "numFmt")) or "decimal",
            1 if start is None else max(start, 0),
            value(level.find(W + "lvlText")).strip(),
            "wingdings" in named,
        )
        found.append((_place(level), made))
    return found


def _place(element: Any) -> int:
    """The level an element speaks of, from 0 to 8."""
    given = element.get(W + "ilvl", "0")
    return min(int(given), 8) if given.isdigit() else 0
