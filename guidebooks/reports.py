"""What an import tells of itself: counts before and after, what was lost and where, what changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.markdown import COUNTED
from guidebooks.models import GuidebookPage
from guidebooks.renewing import Change


@dataclass
class ChapterReport:
    """What became of one file, or will become of it."""

    path: str
    title: str
    before: Counter[str]
    after: Counter[str]
    lost: Counter[str]
    remarks: list[str]
    above: str = ""
    page: int | None = None
    """The page it becomes a new version of; None where it becomes a new page."""
    changes: list[Change] = field(default_factory=list)
    moved: bool = False
    title_here: str = ""
    """What its page will be called, where that is not what the file says."""
    title_now: str = ""
    """What its page is called until then, where that is something else."""
    asked: list[str] = field(default_factory=list)
    """Addresses of pictures without words for those who cannot see them."""


@dataclass
class Report:
    """What became of a folder.

    Args:
        guidebook: None after a dry run.
        created, updated, unchanged, left: pages that are new; whose file changed; whose file did not;
            whose file changed but which were edited here since, so that they were left alone.
        locked: titles of pages that are in review or locked, so that nothing may be written.
        gone: files that were imported before and are no longer in the folder; their pages stay.
    """

    guidebook: GuidebookPage | None = None
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    left: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    chapters: list[ChapterReport] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    gone_pages: dict[int, str] = field(default_factory=dict)

    def total(self, which: str) -> Counter[str]:
        """The counts of all files together: ``before``, ``after`` or ``lost``."""
        found: Counter[str] = Counter()
        for chapter in self.chapters:
            found.update(getattr(chapter, which))
        return found

    @property
    def agrees(self) -> bool:
        """Whether all that was in the files is in the pages, or is named as lost in a remark."""
        before, after, lost = self.total("before"), self.total("after"), self.total("lost")
        return all(before[name] == after[name] + lost[name] for name in COUNTED)

    def lines(self, *, remarks: bool = True) -> Iterator[str]:
        """The report in words, one line at a time."""
        before, after, lost = self.total("before"), self.total("after"), self.total("lost")
        yield (
            f"{len(self.chapters)} files: {self.created} pages new, {self.updated} changed, "
            f"{self.unchanged} unchanged, {len(self.left)} left alone"
        )
        for name in COUNTED:
            missing = f", {lost[name]} lost or missing" if lost[name] else ""
            yield f"  {name}: {before[name]} in the files, {after[name]} in the pages{missing}"
        for path in self.left:
            yield f"  left alone, because it was edited here since the last import: {path}"
        for path in self.gone:
            yield f"  no longer in the folder, its page stays: {path}"
        if remarks:
            yield from (f"  {remark}" for remark in self.remarks)
            for chapter in self.chapters:
                yield from (f"  {chapter.path}: {remark}" for remark in chapter.remarks)
