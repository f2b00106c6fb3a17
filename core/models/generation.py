"""One number that tells every process when what it has cached is out of date."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import models
from django.db.models import F

STEP = 2**31
"""The number is raised by at most this much; its column has room for four thousand million raises."""


class Generation(models.Model):
    """The generation of all that is published, in one row, and in a second row that of the search words alone.

    It is raised in the same transaction as each publish, unpublish, move, change of audience or of
    vocabulary, and stands in the key of every cached piece: a cache in the memory of one process
    knows nothing of what the other processes did. Each raise is by a chance amount: a number given by
    a transaction that was taken back is not given again for something else.
    """

    ALL, WORDS = 1, 2
    """The rows. What is made of the vocabulary and of recommendations is not made anew at each publish."""

    number = models.PositiveBigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls, row: int = ALL) -> int:
        """The number now; one query."""
        return cls.objects.filter(pk=row).values_list("number", flat=True).first() or 0

    @classmethod
    def raise_it(cls, row: int = ALL) -> None:
        """Make everything cached so far out of date once this transaction commits."""
        if not cls.objects.filter(pk=row).update(number=F("number") + 1 + secrets.randbelow(STEP)):
            cls.objects.create(pk=row, number=1 + secrets.randbelow(STEP))

    @classmethod
    def raise_words(cls, **_signal: Any) -> None:
        """The same when the vocabulary or a recommendation has changed; also to be called by a signal."""
        cls.raise_it()
        cls.raise_it(cls.WORDS)
