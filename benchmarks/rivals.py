"""The engines ours is compared with, each used as its own manual says, over the same items, queries and access keys.

Each has ``build(items)``, ``ask(query)`` (first ten of the member's items, exact count, passages) and ``size()``. One
row or document stands for a whole item, so a rival has less to fold than the hub; none of them counts facets or looks
for the best place inside an item.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from benchmarks.recombined import MEMBER

TOP = 10
STEMMED_IN = "en"
_WORD = re.compile(r"\w+")


class Rival(Protocol):
    """What a measured engine can do."""

    def __init__(self, folder: Path) -> None: ...

    def build(self, items: Iterable[Mapping[str, Any]]) -> None:
        """Index items given as ``number, title, body, key``."""

    def ask(self, query: str) -> tuple[int, int]:
        """Give how many hits were cut out with their passages, and the exact count."""

    def size(self) -> int:
        """Bytes on disk."""


def bytes_of(folder: Path) -> int:
    """Give the size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def sought(query: str) -> list[str]:
    """Give the words of a query without English stop words: FTS5 knows none, and would search for all of them."""
    from search.analysis import is_stop_word

    words = _WORD.findall(query.lower())
    return [word for word in words if not is_stop_word(word, STEMMED_IN)] or words


class Fts5:
    """SQLite's own full text: porter stems over unicode61, bm25 by ``rank``, the access key as a column of weight 0.

    The key is asked for inside the match; joining the items' table for it was not tried.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "fts5.sqlite3"
        self.database = sqlite3.connect(self.path, cached_statements=16)
        self.database.execute("PRAGMA mmap_size=1000000000")
        self.database.execute("PRAGMA cache_size=-200000")
        keys = " OR ".join(f'"{self.token(key)}"' for key in sorted(MEMBER))
        self.filter = f"key: ({keys})"

    @staticmethod
    def token(key: str) -> str:
        return "k" + "".join(char if char.isalnum() else f"x{ord(char)}" for char in key)

    def build(self, items: Iterable[Mapping[str, Any]]) -> None:
        self.database.execute(
            "CREATE VIRTUAL TABLE page USING fts5(title, body, key, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        rows = ((each["number"], each["title"], each["body"], self.token(each["key"])) for each in items)
        self.database.executemany("INSERT INTO page (rowid, title, body, key) VALUES (?, ?, ?, ?)", rows)
        self.database.execute("INSERT INTO page (page) VALUES ('optimize')")
        self.database.execute("INSERT INTO page (page, rank) VALUES ('rank', 'bm25(2.0, 1.0, 0.0)')")
        self.database.commit()

    def ask(self, query: str) -> tuple[int, int]:
        words = " OR ".join(f'"{word}"' for word in sought(query))
        match = f"{{title body}}: ({words}) AND {self.filter}"
        top = self.database.execute(
            "SELECT rowid, title, snippet(page, 1, '<mark>', '</mark>', '…', 32) "
            "FROM page WHERE page MATCH ? ORDER BY rank LIMIT 10",
            [match],
        ).fetchall()
        (count,) = self.database.execute("SELECT count(*) FROM page WHERE page MATCH ?", [match]).fetchone()
        return len(top), count

    def size(self) -> int:
        return self.path.stat().st_size


class Tantivy:
    """The Rust engine through its Python package: English stems and stop words, the keys as a filter without score."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self.tantivy, self.folder = tantivy, folder / "tantivy"
        self.folder.mkdir(exist_ok=True)
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("number", stored=True)
        for name in ("title", "body"):
            builder.add_text_field(name, stored=True, tokenizer_name="english")
        builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
        self.schema = builder.build()
        self.index = tantivy.Index(self.schema, path=str(self.folder))
        chain = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
        for part in (
            tantivy.Filter.remove_long(40),
            tantivy.Filter.lowercase(),
            tantivy.Filter.ascii_fold(),
            tantivy.Filter.stopword("english"),
            tantivy.Filter.stemmer("english"),
        ):
            chain = chain.filter(part)
        self.index.register_tokenizer("english", chain.build())
        terms = tantivy.Query.term_set_query(self.schema, "key", sorted(MEMBER))
        self.filter = tantivy.Query.const_score_query(terms, 0.0)

    def build(self, items: Iterable[Mapping[str, Any]]) -> None:
        writer = self.index.writer(heap_size=200_000_000, num_threads=1)
        for each in items:
            document = self.tantivy.Document()
            document.add_unsigned("number", each["number"])
            for name in ("title", "body", "key"):
                document.add_text(name, each[name])
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        self.index.reload()

    def ask(self, query: str) -> tuple[int, int]:
        must = self.tantivy.Occur.Must
        words, _ = self.index.parse_query_lenient(" ".join(_WORD.findall(query)), ["title", "body"], {"title": 2.0})
        both = self.tantivy.Query.boolean_query([(must, words), (must, self.filter)])
        searcher = self.index.searcher()
        found = searcher.search(both, TOP, count=True)
        snippets = self.tantivy.SnippetGenerator.create(searcher, words, self.schema, "body")
        top = []
        for _, address in found.hits:
            document = searcher.doc(address)
            top.append((document["number"], document["title"], snippets.snippet_from_doc(document).to_html()))
        return len(top), found.count or 0

    def size(self) -> int:
        return bytes_of(self.folder)


class Whoosh:
    """Stock Whoosh: its StemmingAnalyzer, MultifieldParser, BM25F, ``filter``, exact length and highlights."""

    def __init__(self, folder: Path) -> None:
        from whoosh import fields, index
        from whoosh.analysis import StemmingAnalyzer
        from whoosh.qparser import MultifieldParser, OrGroup
        from whoosh.query import Or, Term

        self.folder = folder / "whoosh"
        self.folder.mkdir(exist_ok=True)
        if index.exists_in(self.folder):
            self.index = index.open_dir(self.folder)
        else:
            schema = fields.Schema(
                number=fields.STORED(),
                title=fields.TEXT(StemmingAnalyzer(cachesize=None), stored=True, field_boost=2.0),
                body=fields.TEXT(StemmingAnalyzer(cachesize=None), stored=True),
                key=fields.ID(),
            )
            self.index = index.create_in(self.folder, schema)
        self.filter = Or([Term("key", key) for key in sorted(MEMBER)])
        self.parser = MultifieldParser(["title", "body"], self.index.schema, group=OrGroup)
        self.searcher: Any = None

    def build(self, items: Iterable[Mapping[str, Any]]) -> None:
        writer = self.index.writer(limitmb=256)
        for each in items:
            writer.add_document(**each)
        writer.commit()

    def ask(self, query: str) -> tuple[int, int]:
        self.searcher = self.searcher or self.index.searcher()
        words = self.parser.parse(" ".join(_WORD.findall(query)))
        found = self.searcher.search(words, limit=TOP, filter=self.filter)
        top = [(hit["number"], hit["title"], hit.highlights("body", top=1)) for hit in found]
        return len(top), len(found)

    def size(self) -> int:
        return bytes_of(self.folder)


class WagtailDefault:
    """What Wagtail searches with out of the box on SQLite: ``modelsearch.backends.database``, all words required.

    The settings of the process must name that backend, and the database must hold the items already.
    """

    def __init__(self, folder: Path) -> None:
        from modelsearch.backends import get_search_backend

        self.path, self.backend = folder / "hub.sqlite3", get_search_backend()

    def build(self, items: Iterable[Mapping[str, Any]]) -> None:
        from benchmarks.shelf.models import Item

        index = self.backend.get_index_for_model(Item)
        for start in range(0, Item.objects.count(), 500):
            index.add_items(Item, list(Item.objects.order_by("pk")[start : start + 500]))

    def ask(self, query: str) -> tuple[int, int]:
        from benchmarks.shelf.models import Item

        found = self.backend.search(query, Item.objects.filter(access_key__in=MEMBER))
        return len(found[:TOP]), found.count()

    def size(self) -> int:
        return self.path.stat().st_size


RIVALS: dict[str, Callable[[Path], Rival]] = {
    "fts5": Fts5,
    "tantivy": Tantivy,
    "whoosh": Whoosh,
    "wagtail": WagtailDefault,
}
NAMES = {
    "hub": "the hub",
    "fts5": "SQLite FTS5",
    "tantivy": "tantivy",
    "whoosh": "stock Whoosh",
    "wagtail": "Wagtail's default (SQLite)",
}
