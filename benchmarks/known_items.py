"""Collections of questions with one right answer, made of guides: the page with this title, the page that says this.

::

    python -m benchmarks.known_items OUT pages.jsonl [pages.jsonl …]

Each line of a ``pages.jsonl`` holds ``path``, ``lang``, ``title`` and ``text``; English pages of more than 30 words are
taken. ``OUT`` becomes four collections for ``benchmarks.relevance`` over the same pages:

- ``titles``: a title that no other page has
- ``part-titles``: such a title of four words or more, less one of them
- ``sentences``: a sentence of 6 to 25 words, one of each page
- ``words``: three words that follow each other in a page, stop words left out

The choice is by chance with a fixed seed, so that the same pages give the same questions.
"""

from __future__ import annotations

import json
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from search.analysis import is_stop_word, words

SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+")

Asked = list[tuple[str, str]]
"""Pairs of a question and the id of the page that answers it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the pages and write the four collections."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) < 2:
        sys.exit("usage: python -m benchmarks.known_items OUT pages.jsonl [pages.jsonl …]")
    out, *files = map(Path, given)
    pages = list(_pages(files))
    for name, asked in questions(pages).items():
        write(out / name, pages, asked)
        print(f"{out / name}: {len(asked)} questions over {len(pages)} pages", file=sys.stderr)


def _pages(files: Iterable[Path]) -> Iterable[dict[str, str]]:
    for file in files:
        for line in file.read_text().splitlines():
            page = json.loads(line)
            if page["lang"] == "en" and len(page["text"].split()) > 30:
                yield {"id": f"{file.parent.name}/{page['path']}", "title": page["title"], "body": page["text"]}


def questions(pages: Sequence[dict[str, str]]) -> dict[str, Asked]:
    """Give the questions of each collection."""
    chance = random.Random(1)
    found: dict[str, Asked] = {"titles": [], "part-titles": [], "sentences": [], "words": []}
    named = Counter(page["title"].lower() for page in pages)
    for page in pages:
        if named[page["title"].lower()] == 1:
            found["titles"].append((page["title"], page["id"]))
            part = page["title"].split()
            if len(part) >= 4:
                part.pop(chance.randrange(len(part)))
                found["part-titles"].append((" ".join(part), page["id"]))
        sentences = [each for each in SENTENCE_ENDS.split(page["body"]) if 6 <= len(each.split()) <= 25]
        if not sentences:
            continue
        found["sentences"].append((chance.choice(sentences), page["id"]))
        said = [word for word in words(chance.choice(sentences)) if not is_stop_word(word, "en")]
        if len(said) >= 4:
            first = chance.randrange(len(said) - 2)
            found["words"].append((" ".join(said[first : first + 3]), page["id"]))
    return found


def write(folder: Path, pages: Sequence[dict[str, str]], asked: Asked) -> None:
    """Write a collection as ``benchmarks.collections`` reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    queries = [{"id": str(number), "text": text} for number, (text, _) in enumerate(asked)]
    (folder / "docs.jsonl").write_text("".join(json.dumps(page) + "\n" for page in pages))
    (folder / "queries.jsonl").write_text("".join(json.dumps(query) + "\n" for query in queries))
    (folder / "qrels.tsv").write_text("".join(f"{number}\t{page}\t1\n" for number, (_, page) in enumerate(asked)))


if __name__ == "__main__":
    main()
