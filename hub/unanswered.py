"""Words that were searched for and found nothing, for the secretariat: which words the hub lacks, never who asked.

A search must not write to the database. It adds lines to a file of this machine (``hub.spool``); ``count`` brings the
lines into the table, called by ``manage.py count_zero_results``, in the demo every minute. Why so little is kept:
docs/decisions/0004-words-that-found-nothing.md.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.utils.crypto import salted_hmac

from hub import spool
from hub.models import UnansweredWord

SEEN_FROM = 3
"""How often a word must have been searched for before it is written down and shown."""
KEPT = timedelta(days=90)
"""How long a word is remembered after it was last searched for."""
MOST_WORDS = 20_000
"""Rows of the table; beyond, those searched for least and longest ago go."""
LARGEST_SPOOL = 1_000_000
"""Bytes; beyond, words are dropped until the spool is counted."""
SHORTEST, LONGEST = 3, 40
WORDS_OF_ONE_SEARCH = 8
SPOOL = spool.Spool("unanswered", "words", "Words that found nothing")


def storable(q: str, missing: Iterable[str]) -> list[str]:
    """The words of a search that may be kept: single words of letters alone, in alphabetical order.

    Numbers, addresses and whatever holds a digit can point at a person and are left out; of a query that holds an
    e-mail or web address nothing is kept. The order of the words is lost on purpose: names fall apart.

    >>> storable("Elternarbeit mit +49 30 1234", ["elternarbeit", "30", "mit", "1234"])
    ['elternarbeit', 'mit']
    """
    if "@" in q or "://" in q:
        return []
    return sorted({word for word in missing if is_storable(word)})[:WORDS_OF_ONE_SEARCH]


def is_storable(word: str) -> bool:
    """Whether it is one word, of letters and their marks alone, neither too short nor too long."""
    letters = all(unicodedata.category(char)[0] in "LM" for char in word)
    return letters and SHORTEST <= len(word) <= LONGEST


def note(q: str, missing: Iterable[str]) -> None:
    """Add the words of a search that found nothing to the spool. Never raises; a full or read-only disk loses them."""
    SPOOL.add(storable(q, missing), LARGEST_SPOOL)


def count(on: date) -> int:
    """Bring the spool of this machine into the table; returns how many words were counted. Safe to run at any time.

    The spool is deleted before its words are written: after a crash in between they are lost rather than counted
    twice, since twice could show a word that was searched for less than ``SEEN_FROM`` times.

    Args:
        on: The day it is (UTC).
    """
    counted = 0
    for taken in taken_files():
        found = Counter(read(taken))
        taken.unlink()
        counted += add(found, on)
    tidy(on)
    return counted


def taken_files() -> list[Path]:
    """The spool under a name that nobody adds to, with what an ended run left."""
    return SPOOL.taken()


def read(taken: Path) -> list[str]:
    """The words of a file, once the last search that adds to it has let go."""
    return [word for word in spool.read(taken) if is_storable(word)]


def add(found: Counter[str], on: date) -> int:
    """Add counted words to the table. A word is written down only once it was searched for often enough."""
    digests = {digest(word): word for word in found}
    # In the order of the digests: rows that follow each other would tell which words were typed together.
    for some in spool.in_steps(sorted(digests.items())):
        with transaction.atomic():
            codes = [code for code, _word in some]
            known = UnansweredWord.objects.select_for_update().in_bulk(codes, field_name="digest")
            for code, word in some:
                row = known.get(code) or UnansweredWord(digest=code)
                row.times += found[word]
                row.last_on = on
                row.word = word if row.times >= SEEN_FROM else ""
                row.save()
    return sum(found.values())


def tidy(on: date) -> None:
    """Forget what nobody has searched for lately, and what is too much."""
    UnansweredWord.objects.filter(last_on__lt=on - KEPT).delete()
    beyond = UnansweredWord.objects.order_by("-times", "-last_on", "-pk").values_list("pk", flat=True)[MOST_WORDS:]
    if beyond:
        UnansweredWord.objects.filter(pk__in=list(beyond)).delete()


def digest(word: str) -> str:
    """What a word is counted under while it is rare: it cannot be read back without the hub's secret key."""
    return salted_hmac("hub.unanswered", word, algorithm="sha256").hexdigest()
