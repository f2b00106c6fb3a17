"""How well each language is found: the same articles in many languages, each asked for by its own title.

::

    python -m benchmarks.languages [FOLDER]          a table
    python -m benchmarks.languages [FOLDER] --json   one line of JSON

The folder holds ``pages.jsonl``: one object a line with ``path``, ``lang``, ``title`` and ``text``; files of one name
in different folders are the same article in different languages. All of them are indexed together, each in its own
language, as the hub does it: the versions of an article are one item. Each title is asked by a reader of its language
through ``search.library.find``. It is *first* if the first hit has this title in this language. The same is asked of
the title without accents, and of the title in quotes; and once more with each version as an item of its own, where a
title that was left in English may come first in any language.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import unescape
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from search.store import Store

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "corpora" / "opensource-guide"
"""Where the articles stand beside the hub, if they do."""
ENOUGH = 0.95
"""Share of a language's titles that must be first."""


@dataclass(frozen=True)
class Article:
    """One article in one language."""

    name: str
    """The same in all languages."""
    language: str
    title: str
    text: str


@dataclass(frozen=True)
class Found:
    """How many articles of a language are first, each way of asking by itself."""

    language: str
    articles: int
    title: int
    plain: int
    """Asked by the title without accents."""
    phrase: int
    """Asked by the title in quotes."""
    apart: int
    """Asked by the title, where each version is an item of its own."""


def articles(folder: Path) -> list[Article]:
    """Read the articles of a folder.

    Raises:
        FileNotFoundError: There is no ``pages.jsonl`` in it.
    """
    read = []
    with (folder / "pages.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            read.append(Article(PurePath(page["path"]).stem, page["lang"], unescape(page["title"]), page["text"]))
    return read


def put(store: Store, shelf: Iterable[Article], *, apart: bool = False) -> None:
    """Fill the index with articles that everybody may read; ``apart`` makes each version an item of its own."""
    from search.documents import entry_document, object_number, ref
    from search.entries import Entry
    from search.models import Change

    documents = []
    for number, article in enumerate(shelf, 1):
        thing = Change(pk=number)
        entry = Entry(
            title=article.title,
            text=article.text,
            language=article.language,
            key="public",
            item=f"{article.name} {article.language}" if apart else article.name,
            main=True,
        )
        own = {"ref": [(ref(Change, number), 1.0, b"")], "object": object_number(Change, number)}
        documents.append({**entry_document(thing, entry), **own})
    with store.lock():
        store.fill_locked().publish()
        current = store.current()
        assert current is not None
        store.write(current, {}, documents)


def measure(store: Store, shelf: Sequence[Article]) -> list[Found]:
    """Give what is found, language by language; the index of ``store`` is filled anew."""
    from search.analysis import clean, fold, spans

    def plain(title: str) -> str:
        return " ".join(fold(word) for word, _, _ in spans(clean(title)))

    put(store, shelf)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for article in shelf:
        count = counts[article.language]
        count["articles"] += 1
        count["title"] += is_first(article, article.title)
        count["plain"] += is_first(article, plain(article.title) if _has_spaces(article) else article.title)
        count["phrase"] += is_first(article, f'"{article.title.replace(chr(34), " ")}"')
    put(store, shelf, apart=True)
    for article in shelf:
        counts[article.language]["apart"] += is_first(article, article.title, apart=True)
    return [Found(language, **count) for language, count in sorted(counts.items())]


def _has_spaces(article: Article) -> bool:
    from search.analysis import is_paired, words

    return not any(map(is_paired, words(article.title)))


def is_first(article: Article, query: str, *, apart: bool = False) -> bool:
    """Say whether a reader of the article's language who asks so gets it first, or another of the same title."""
    from search.analysis import base, clean
    from search.library import find

    hits = find(query, keys=None, languages=[article.language], limit=1, snippets=False).hits
    if not hits or clean(article.title).casefold() != hits[0].title.casefold():
        return False
    return apart or hits[0].language == base(article.language)


def table(found: Sequence[Found]) -> str:
    """Give the result as a table in Markdown."""
    from search.analysis import _ALGORITHMS, base
    from search.stopwords import STOP_WORDS

    lines = [
        "| language | stems by | stop words | articles | by title | without accents | in quotes | versions apart |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in found:
        code = base(row.language)
        values = (row.title, row.plain, row.phrase, row.apart)
        lines.append(
            f"| {row.language} | {_ALGORITHMS.get(code, '–')} | {len(STOP_WORDS.get(code, ()))} | {row.articles} | "
            + " | ".join(str(value) for value in values)
            + " |"
        )
    total = [sum(getattr(row, name) for row in found) for name in ("articles", "title", "plain", "phrase", "apart")]
    lines.append("| all | | | " + " | ".join(map(str, total)) + " |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read what was asked for, measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.languages", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, metavar="FOLDER", help="holds pages.jsonl")
    parser.add_argument("--json", action="store_true", help="print JSON")
    asked = parser.parse_args(arguments)
    try:
        shelf = articles(asked.folder)
    except FileNotFoundError as error:
        sys.exit(f"{parser.prog}: there is no {error.filename}")
    with tempfile.TemporaryDirectory(prefix="languages-") as place:
        os.environ |= {"HUB_VAR": place, "DJANGO_SETTINGS_MODULE": "hub.settings.demo"}
        import django

        django.setup()
        from search.configuration import default_store

        found = measure(default_store(), shelf)
    print(json.dumps([asdict(row) for row in found]) if asked.json else table(found))


if __name__ == "__main__":
    main()
