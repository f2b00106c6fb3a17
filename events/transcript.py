"""A transcript as it is written, ``[00:03:10] **Miriam:** words``, and the passages in it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

MARK = re.compile(r"^[ \t]*\[(?P<mark>(?:\d{1,2}:)?\d{1,3}:\d{1,2})\][ \t]*", re.MULTILINE)
SPEAKER = re.compile(r"\A(?:\*\*(?P<bold>[^*\n]{1,80}?):?\*\*:?|__(?P<lined>[^_\n]{1,80}?):?__:?)\s*")
BLANK = re.compile(r"\n\s*\n")


class TranscriptError(ValueError):
    """The transcript cannot be read. The message names the mark and its line.

    Args:
        line: Number of that line, from 1.
    """

    def __init__(self, problem: str, line: int) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line


@dataclass(frozen=True)
class Passage:
    """What is said from one time mark to the next.

    Args:
        seconds: from the beginning of the recording.
        mark: the same as it is read, ``00:03:10``; empty before the first mark.
        anchor: id on the page.
        speaker: who speaks; may be empty.
        paragraphs: what is said, plain text.
    """

    seconds: int
    mark: str
    anchor: str
    speaker: str
    paragraphs: tuple[str, ...]

    @property
    def minute(self) -> int:
        """The whole minutes that have gone by."""
        return self.seconds // 60

    @property
    def duration(self) -> str:
        """The mark for machines, ``PT3M10S``."""
        hours, rest = divmod(self.seconds, 3600)
        return f"PT{hours}H{rest // 60}M{rest % 60}S"

    @property
    def text(self) -> str:
        """Speaker and words in one line."""
        words = " ".join(self.paragraphs)
        return f"{self.speaker}: {words}" if self.speaker else words


def passages(transcript: str) -> list[Passage]:
    """Cut a transcript at its time marks.

    Raises:
        TranscriptError: a mark has 60 or more seconds, or stands before an earlier one.

    >>> [(p.anchor, p.speaker, p.text) for p in passages("[03:10] **Ada:** Yes.")]
    [('t-00-03-10', 'Ada', 'Ada: Yes.')]
    """
    transcript = transcript.replace("\r\n", "\n").replace("\r", "\n")
    marks = list(MARK.finditer(transcript))
    found = []
    opening = transcript[: marks[0].start()] if marks else transcript
    if opening.strip():
        found.append(_passage(0, "", "t-start", opening))
    seconds, same = -1, 0
    for place, mark in enumerate(marks):
        line = transcript.count("\n", 0, mark.start()) + 1
        now = _seconds(mark["mark"], line)
        if now < seconds:
            raise TranscriptError(f"[{mark['mark']}] comes after a later mark", line)
        same = same + 1 if now == seconds else 1
        seconds = now
        shown = f"{now // 3600:02}:{now % 3600 // 60:02}:{now % 60:02}"
        anchor = f"t-{shown.replace(':', '-')}" + (f"-{same}" if same > 1 else "")
        end = marks[place + 1].start() if place + 1 < len(marks) else len(transcript)
        found.append(_passage(now, shown, anchor, transcript[mark.end() : end]))
    return found


def by_minute(found: Iterable[Passage]) -> list[list[Passage]]:
    """Passages that begin in the same minute, together: long enough to be found, short enough to be a place."""
    groups: list[list[Passage]] = []
    for passage in found:
        if groups and groups[-1][0].minute == passage.minute:
            groups[-1].append(passage)
        else:
            groups.append([passage])
    return groups


def _seconds(mark: str, line: int) -> int:
    *hours, minutes, seconds = (int(part) for part in mark.split(":"))
    if seconds > 59 or (hours and minutes > 59):
        raise TranscriptError(f"[{mark}] is no time", line)
    return (hours[0] if hours else 0) * 3600 + minutes * 60 + seconds


def _passage(seconds: int, mark: str, anchor: str, text: str) -> Passage:
    text = text.strip()
    speaker = SPEAKER.match(text)
    name = ""
    if speaker:
        name = (speaker["bold"] or speaker["lined"]).strip()
        text = text[speaker.end() :]
    paragraphs = tuple(" ".join(part.split()) for part in BLANK.split(text) if part.strip())
    return Passage(seconds, mark, anchor, name, paragraphs)
