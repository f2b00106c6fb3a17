"""Public collections for judging a search: texts, questions, and which texts answer which question.

A collection is a folder with three files in UTF-8:

- ``docs.jsonl``: one object a line with ``id``, ``title``, ``body``, and ``language`` where it is not English. A title
  or body may be empty or missing; other names are passed over.
- ``queries.jsonl``: one object a line with ``id`` and ``text``.
- ``qrels.tsv``: query, document and relevance between tabs; relevant is what is above 0. A first line that names the
  columns is passed over.

Ids are strings taken letter by letter, spaces at their ends included; a number serves as its digits. What is unusual is
settled as trec_eval does with ``-c``: a judged document that is not in the collection counts as one that was not found;
a judged query that finds nothing counts as 0; a query without a judgement, or with no relevant document at all, is left
out of the means; a document id that comes twice is an error. A pair that is judged twice is relevant if one of the two
says so.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection as Group
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DEFAULT_LANGUAGE = "en"


class BadCollection(Exception):
    """A file is missing or a line cannot be read; the message names both."""


@dataclass(frozen=True)
class Text:
    """One document."""

    id: str
    title: str
    body: str
    language: str


@dataclass(frozen=True)
class Query:
    """One question, with the ids of the documents that answer it; empty where nobody judged."""

    id: str
    text: str
    relevant: frozenset[str]


def texts(folder: Path) -> Iterator[Text]:
    """Give the documents one by one, so that a large collection needs no memory.

    Raises:
        BadCollection: A line is no document, or its id has been there before.
    """
    seen: set[str] = set()
    for where, line in _objects(folder / "docs.jsonl"):
        text = Text(
            id=_name(line, "id", where),
            title=_string(line, "title", where),
            body=_string(line, "body", where),
            language=_string(line, "language", where) or DEFAULT_LANGUAGE,
        )
        if text.id in seen:
            raise BadCollection(f"{where}: the id {text.id!r} has been there before")
        seen.add(text.id)
        yield text


def queries(folder: Path) -> list[Query]:
    """Give the questions with their judgements.

    Raises:
        BadCollection: A line cannot be read, or a query's id has been there before.
    """
    relevant = _judgements(folder / "qrels.tsv")
    found: dict[str, Query] = {}
    for where, line in _objects(folder / "queries.jsonl"):
        name = _name(line, "id", where)
        if name in found:
            raise BadCollection(f"{where}: the id {name!r} has been there before")
        if "text" not in line:
            raise BadCollection(f"{where}: there is no text")
        found[name] = Query(name, _string(line, "text", where), frozenset(relevant.get(name, ())))
    return list(found.values())


def _judgements(path: Path) -> dict[str, set[str]]:
    relevant: dict[str, set[str]] = {}
    for number, (where, line) in enumerate(_lines(path)):
        parts = line.split("\t")
        if len(parts) != 3:
            raise BadCollection(
                f"{where}: expected query, document and relevance between tabs, found {len(parts)} parts"
            )
        query, document, grade = parts
        try:
            above = float(grade) > 0
        except ValueError:
            if number == 0:
                continue
            raise BadCollection(f"{where}: the relevance {grade!r} is no number") from None
        if above:
            relevant.setdefault(query, set()).add(document)
    return relevant


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Give the lines of a file that are not empty, each with where it stands."""
    try:
        # Split at line feeds alone: a text may hold the other characters that end a line.
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                where = f"{path}, line {number}"
                try:
                    line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
                except UnicodeDecodeError as error:
                    raise BadCollection(f"{where}: not UTF-8 ({error.reason})") from None
                if line.strip():
                    yield where, line
    except OSError as error:
        raise BadCollection(f"{path}: {error.strerror}") from None


def _objects(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, line in _lines(path):
        try:
            found = json.loads(line)
        except ValueError as error:
            raise BadCollection(f"{where}: not JSON ({error})") from None
        if not isinstance(found, dict):
            raise BadCollection(f"{where}: expected an object with names and values")
        yield where, found


def _name(line: dict[str, Any], name: str, where: str) -> str:
    value = line.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise BadCollection(f"{where}: {name} must be a string, found {value!r:.40}")
    return str(value)


def _string(line: dict[str, Any], name: str, where: str) -> str:
    value = line.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadCollection(f"{where}: {name} must be a string, found {value!r:.40}")
    # Half of a pair of surrogates is allowed in JSON and cannot be stored.
    return value.encode("utf-8", "replace").decode()


# Measures, each between 0 and 1, of one query's ranked list


def ndcg(ranked: Sequence[str], relevant: Group[str], depth: int = 10) -> float:
    """Give the gain of the first documents, discounted by the logarithm of their rank, over the best there could be.

    >>> ndcg(["a", "x", "b"], {"a", "b"})
    0.9197207891481876
    """
    gain = sum(1 / math.log2(rank + 2) for rank, each in enumerate(ranked[:depth]) if each in relevant)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(depth, len(relevant))))


def average_precision(ranked: Sequence[str], relevant: Group[str]) -> float:
    """Give the mean, over all relevant documents, of the precision at the rank of each; 0 for those not found.

    >>> average_precision(["a", "x", "b"], {"a", "b"})
    0.8333333333333333
    """
    ranks = [rank for rank, each in enumerate(ranked, 1) if each in relevant]
    return sum(found / rank for found, rank in enumerate(ranks, 1)) / len(relevant)


def recall(ranked: Sequence[str], relevant: Group[str], depth: int = 100) -> float:
    """Give the share of the relevant documents that stand among the first.

    >>> recall(["a", "x"], {"a", "b"})
    0.5
    """
    return sum(each in relevant for each in ranked[:depth]) / len(relevant)
