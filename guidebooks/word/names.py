"""Names for chapters and notes, the same in each version of a file as long as their words are."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

LONGEST = 60
LABEL_WORDS = 3
LABEL = 28


def slug_of(words: str) -> str:
    """Words as a name: letters of any script, digits, hyphens.

    >>> slug_of("3. What “holds” – and why"), slug_of("الفصل الأول")
    ('3-what-holds-and-why', 'الفصل-الأول')
    """
    plain = unicodedata.normalize("NFKC", words).lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-_")[:LONGEST].rstrip("-")


def label_of(html: str) -> str:
    """The mark of a note: its first words, so that one more note before it does not change it.

    A note of digits alone would be taken for a number of our own.

    >>> label_of('See <a href="x">WHO</a>, Guideline 2019, p. 4')
    'see-who-guideline'
    """
    words = slug_of(unescape(re.sub(r"<[^>]+>", " ", html))).split("-")
    label = "-".join(words[:LABEL_WORDS])[:LABEL].rstrip("-")
    return f"note-{label}" if label.isdigit() else label


def unique(name: str, taken: set[str]) -> str:
    """The name, or the first of name-2, name-3 … that is not taken; it is taken then.

    >>> unique("a", {"a"})
    'a-2'
    """
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name}-{number}"
    taken.add(found)
    return found
