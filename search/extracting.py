"""The words of a file: it is read in a process of its own, with limits, and what that says is looked at twice."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from search.analysis import words
from search.extraction import MOST_CHARACTERS, MOST_PAGES, PATIENCE
from search.stopwords import STOP_WORDS

ENDINGS = frozenset({"pdf", "docx", "pptx", "odt", "txt", "csv", "md"})
"""Kinds of files that are read."""
STATES = frozenset(
    {"read", "partly", "scan", "empty", "encrypted", "damaged", "wrong-type", "too-large", "too-slow", "macros"}
)
"""How reading a file can end, see ``Extracted.state``."""
GRACE = 10
"""Seconds after which a process that did not end itself is ended."""
LONGEST_LABEL = 200
EDGE = 2
"""Lines at the top and the foot of a page that may be its running header or footer."""
FEWEST_PAGES = 3
"""Pages from which on a line that comes again is taken for one."""
SAMPLE = 20_000
"""Characters from which the language is guessed, out of the middle of the text."""
FEWEST_COMMON = 0.12
"""Share of stop words below which a text is in no language we know: running text has 30 to 50 in 100."""

NEAR = 0.8
"""Share of the best language's words from which on a likely one is taken instead."""
FEWEST_WORDS = 20
"""Words from which on a language is guessed at all."""

FOLDER = Path(__file__).resolve().parents[1]
# PDFium ends itself with one of these when it is given no more memory.
OUT_OF_MEMORY = {-signal.SIGABRT, -signal.SIGTRAP, -signal.SIGILL, -signal.SIGKILL}
# Letters set as one sign, and forms of Arabic letters by their place in the word: written out.
PRESENTED = re.compile("[\ufb00-\ufb4f\ufb50-\ufdff\ufe70-\ufefc]+")
UNWRITTEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff\ud800-\udfff]")
LINE_ENDS = re.compile(r"[ \t\u00a0]*(?:\r\n|\r|\n)")
# Lines to write on, and the dots of a table of contents.
FILLED = re.compile(r"[_.…·=-]{4,}")
NUMBERS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)


@dataclass(frozen=True)
class Part:
    """A page, slide or section of a file, with the words of it."""

    number: int
    text: str
    label: str = ""


@dataclass(frozen=True)
class Extracted:
    """What a file says, and how reading it ended."""

    state: str
    """``read``; ``partly`` (a limit was reached, the beginning counts); ``scan`` (a PDF of pictures), ``empty``,
    ``encrypted``, ``damaged``, ``wrong-type`` (not what its name says), ``too-large`` (when unpacked), ``too-slow``,
    ``macros``: these have no parts."""
    pages: int | None = None
    """Pages of a PDF, slides of a presentation; None for other kinds and what could not be opened."""
    parts: tuple[Part, ...] = ()


def extract(file: IO[bytes], ending: str) -> Extracted:
    """Read a file from where it stands.

    It takes at most ``PATIENCE + GRACE`` seconds, and as much memory as the text has. Whatever the file does, an
    answer comes; only the disk and the starting of a process can fail.

    Args:
        file: An open file; it need not be a real one.
        ending: What kind it is, one of ``ENDINGS``.

    Raises:
        ValueError: The ending is not one of them.
        OSError: The file cannot be read, or no process be started.
    """
    if ending not in ENDINGS:
        raise ValueError(f"Files of the kind {ending} are not read")
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told:
        shutil.copyfileobj(file, given)
        given.seek(0)
        code = run_limited("search.extraction", [ending], given, told)
        told.seek(0)
        return _heard(told, code, ending)


def run_limited(module: str, arguments: Sequence[str], given: IO[bytes], told: IO[bytes]) -> int:
    """Run a module that reads a stranger's file in a process of its own, to its end.

    The module binds itself with ``search.extraction.limits``; here it gets no secrets, and an end if it has none.

    Returns: its exit code, negative for the signal that ended it.
    """
    running = subprocess.Popen(
        [sys.executable, "-E", "-s", "-m", module, *arguments],
        stdin=given,
        stdout=told,
        stderr=subprocess.DEVNULL,
        cwd=FOLDER,
        env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},  # it gets none of the hub's secrets
        start_new_session=True,
    )
    try:
        return running.wait(PATIENCE + GRACE)
    except subprocess.TimeoutExpired:
        return -signal.SIGALRM
    finally:
        if running.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def _heard(told: IO[bytes], code: int, ending: str) -> Extracted:
    """What the process said, as far as it makes sense."""
    parts: list[Part] = []
    state, pages, size = "", None, 0
    for line in told:
        record = _record(line)
        if record is None:
            break
        if "state" in record:
            state = record["state"] if record["state"] in STATES else "damaged"
            count = record.get("pages")
            pages = count if isinstance(count, int) and 0 <= count < 1_000_000 else None
            break
        part = _part(record)
        size += len(part.text) if part else 0
        if part is None or part.number > MOST_PAGES or size > MOST_CHARACTERS:
            state = "partly"
            break
        parts.append(part)
    if not state:
        state = ended_by(code)
        if any(part.text for part in parts):
            state = "partly"
    if state not in ("read", "partly"):
        return Extracted(state, pages)
    kept = [part for part in (without_running_lines(parts) if ending == "pdf" else parts) if part.text or part.label]
    if not any(part.text for part in kept):
        return Extracted("scan" if ending == "pdf" and pages else "empty", pages)
    return Extracted(state, pages, tuple(kept))


def ended_by(code: int) -> str:
    """The state of a process that ended without a word."""
    if code in (-signal.SIGALRM, -signal.SIGXCPU):
        return "too-slow"
    return "too-large" if code in OUT_OF_MEMORY else "damaged"


def _record(line: bytes) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):  # cut off in the middle, or not ours
        return None
    return record if isinstance(record, dict) else None


def _part(record: dict[str, Any]) -> Part | None:
    number, label, text = record.get("number"), record.get("label"), record.get("text")
    if type(number) is not int or number < 1 or not isinstance(label, str) or not isinstance(text, str):
        return None
    return Part(number, written_out(text), " ".join(written_out(label).split())[:LONGEST_LABEL])


def written_out(text: str) -> str:
    """The text with plain letters and line ends, and nothing that a database would refuse.

    >>> written_out("the ﬁrst o\\ufb03ce\\r\\n\\x00 ")
    'the first office'
    """
    text = LINE_ENDS.sub("\n", FILLED.sub(" ", UNWRITTEN.sub(" ", text)))
    return PRESENTED.sub(lambda found: _plain(found[0]), text).strip()


def _plain(signs: str) -> str:
    return unicodedata.normalize("NFKC", signs)


def without_running_lines(pages: Sequence[Part]) -> list[Part]:
    """The pages of a PDF without the lines that stand at the top or foot of most of them, whatever their numbers."""
    if len(pages) < FEWEST_PAGES:
        return list(pages)
    lines = [page.text.split("\n") for page in pages]
    counted = Counter(name for page in lines for name in {NUMBERS.sub("#", line).strip() for line in _edges(page)})
    running = {name for name, count in counted.items() if count > len(pages) / 2}
    kept = []
    for page, written in zip(pages, lines, strict=True):
        start, end = 0, len(written)
        while start < min(EDGE, end) and NUMBERS.sub("#", written[start]).strip() in running:
            start += 1
        while end > max(len(written) - EDGE, start) and NUMBERS.sub("#", written[end - 1]).strip() in running:
            end -= 1
        # A page of nothing else is no page without words.
        kept.append(replace(page, text="\n".join(written[start:end]).strip() or page.text))
    return kept


def _edges(lines: list[str]) -> list[str]:
    return lines[:EDGE] + lines[EDGE:][-EDGE:]


def language_of(texts: Iterable[str], likely: Sequence[str] = ("en",)) -> str:
    """The language that most of the text's commonest words belong to; empty where none stands out.

    Args:
        texts: Parts of one text.
        likely: Languages that are taken where they come near the best: near relatives share many words.

    >>> language_of(["Das ist nicht die Zeit, in der wir uns von ihnen trennen."] * 2)
    'de'
    >>> language_of(["Lorem 17 ipsum"])
    ''
    """
    sample = "\n".join(texts)
    middle = max(0, len(sample) // 2 - SAMPLE // 2)
    found = words(sample[middle : middle + SAMPLE].lower())
    if len(found) < FEWEST_WORDS:
        return ""
    common = {language: sum(word in listed for word in found) for language, listed in STOP_WORDS.items()}

    def rank(language: str) -> tuple[int, int]:
        # Of two lists that hold as many of the words, the shorter one says more.
        return common[language], -len(STOP_WORDS[language])

    best = max(common, key=rank)
    near = [language for language in likely if common.get(language, 0) >= NEAR * common[best]]
    chosen = max(near, key=rank, default=best)
    return chosen if common[chosen] >= FEWEST_COMMON * len(found) else ""
