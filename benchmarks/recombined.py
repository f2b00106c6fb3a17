"""Items of any number from real text: paragraphs of real guides put together anew by a seeded generator.

Read are four public collections of guides (``CORPORA``) in ``../shared/data/corpora``, whose NOTE.md files name sources
and licences. Paragraphs are runs of two to six sentences as they stand in a guide; an item takes its paragraphs from
one or two guides of one language, so that its words belong together. Each item gets some words of its own (a number, a
name, a code), since in real text the rare words grow with the number of items.
"""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

CORPORA = ("18f-guides", "turing-way", "opensource-guide", "plainlanguage")
LANGUAGES = {"en": 70, "de": 10, "fr": 8, "es": 6, "ar": 6}
"""Share of items by language, in hundredths. Other languages than English have the opensource-guide alone."""
KEYS = {
    "public": 30,
    "members": 40,
    "full": 12,
    **{f"group:{number}": 2 for number in range(1, 7)},
    **{f"group:{number}+full": 1 for number in range(1, 7)},
}
"""Share of items by access key, in hundredths."""
MEMBER = frozenset({"public", "members", "group:1", "group:2"})
"""The keys of the member who asks: of two groups, without full access."""
SEED = 3
_SENTENCE = re.compile(r"(?<=[.!?؟])\s+(?=\S)")
_WORD = re.compile(r"[^\W\d_]{3,}")


class CorporaMissing(Exception):
    """The texts are not where they should be; the message says what is missing."""


@dataclass(frozen=True)
class Guide:
    """One page of one guide."""

    name: str
    language: str
    title: str
    sentences: list[str]


def read(folder: Path) -> list[Guide]:
    """Give the pages of the collections in the languages of ``LANGUAGES``.

    Raises:
        CorporaMissing: A file is missing.
    """
    guides = []
    for corpus in CORPORA:
        path = folder / corpus / "pages.jsonl"
        if not path.is_file():
            raise CorporaMissing(
                f"{path} is missing. The measurements need the public guides {', '.join(CORPORA)} as "
                "FOLDER/<guide>/pages.jsonl, one JSON object with lang, guide, title and text a line; "
                "--corpora FOLDER says where they are"
            )
        for line in path.read_text().splitlines():
            row = json.loads(line)
            sentences = [each.strip() for each in _SENTENCE.split(row["text"]) if 20 < len(each) < 600]
            if row["lang"] in LANGUAGES and len(sentences) > 3:
                guides.append(Guide(f"{corpus} {row['guide']}", row["lang"], row["title"][:120], sentences))
    return guides


class Generator:
    """Makes items and queries; the same for the same seed."""

    def __init__(self, guides: list[Guide], seed: int = SEED) -> None:
        self.guides = guides
        self.random = random.Random(seed)
        self.by_language = {
            language: [guide for guide in guides if guide.language == language] for language in LANGUAGES
        }

    def _one_of(self, shares: dict[str, int]) -> str:
        return self.random.choices(list(shares), list(shares.values()))[0]

    def _paragraph(self, guides: list[Guide]) -> str:
        sentences = self.random.choice(guides).sentences
        length = self.random.randint(2, 6)
        start = self.random.randrange(max(len(sentences) - length, 1))
        return " ".join(sentences[start : start + length])

    def _heading(self, guides: list[Guide]) -> str:
        sentence = self.random.choice(self.random.choice(guides).sentences)
        return " ".join(sentence.rstrip(".!?:").split()[: self.random.randint(2, 6)])

    def _own_words(self) -> str:
        syllables = [self.random.choice("bcdfglmnprstvz") + self.random.choice("aeiou") for _ in range(4)]
        year, number = self.random.randint(1990, 2026), self.random.randint(1, 99)
        return f"{''.join(syllables).title()} {year}, C{number}.{self.random.randint(1, 9)}."

    def items(self, count: int) -> Iterator[dict[str, Any]]:
        """Give the fields of ``shelf.Item``, one item at a time.

        One in ten is another version, in another language, of the item before it.
        """
        chance, earliest, key = self.random, datetime(2015, 1, 1, tzinfo=UTC), ""
        for number in range(count):
            language = self._one_of(LANGUAGES)
            guides = self.by_language[language]
            # Two pages of guides, or three where the pages are long: what belongs together.
            guides = chance.sample(guides, 3)
            if number == 0 or chance.random() >= 0.1:
                key = str(uuid.UUID(int=chance.getrandbits(128)))
            access_key = self._one_of(KEYS)
            kind = chance.choice(["practice", "tool", "lesson", "research", "insight", "chapter", "event", "standard"])
            moment = earliest + timedelta(minutes=chance.randrange(11 * 365 * 24 * 60))
            paragraphs = max(1, min(int(chance.lognormvariate(1.5, 0.6)), 20))
            top = self._paragraph(guides)
            sections: list[tuple[str, str]] = []
            while (left := paragraphs - 1 - sum(text.count("\n") + 1 for _, text in sections)) > 0:
                text = "\n".join(self._paragraph(guides) for _ in range(min(left, chance.randint(1, 3))))
                sections.append((self._heading(guides), text))
            yield {
                "title": f"{chance.choice(guides).title}: {self._heading(guides)}"[:240],
                "summary": chance.choice(chance.choice(guides).sentences)[:300],
                "top": f"{top} {self._own_words()}",
                "sections": sections,
                "facets": {
                    "kind": [kind],
                    "topic": [f"topic-{int(chance.triangular(0, 58, 0))}" for _ in range(chance.randint(1, 4))],
                    "setting": chance.sample(["prison", "probation", "school", "family", "online", "clinic"], 2),
                    "stage": chance.sample(["first-contact", "work", "after", "training"], chance.randint(0, 2)),
                    "extremism": chance.sample(["right", "left", "islamist", "other", "any"], chance.randint(0, 2)),
                    "region": chance.sample(["europe", "africa", "asia", "americas", "oceania"], chance.randint(0, 2)),
                    "year": [str(moment.year)],
                    "group": [f"group-{chance.randint(1, 6)}"] if chance.random() < 0.4 else [],
                    "audience": [access_key.partition(":")[0]],
                    "keyword": [f"keyword-{int(chance.triangular(0, 400, 0))}" for _ in range(chance.randint(0, 3))],
                },
                "access_key": access_key,
                "language": language,
                "translation_key": key,
                "teaser": access_key in ("members", "full") and chance.random() < 0.3,
                "kind": kind,
                "published_on": moment,
                "changed_on": moment,
            }

    # Queries

    @cached_property
    def _frequencies(self) -> Counter[str]:
        """In how many pages of the English guides a word stands."""
        found: Counter[str] = Counter()
        for guide in self.by_language["en"]:
            found.update(set(_WORD.findall(" ".join(guide.sentences).lower())))
        return found

    def warm_queries(self) -> list[str]:
        """Give 120 queries of one to six words as people ask them: 30 each of four kinds, most of them English."""
        chance = random.Random(SEED + 1)
        every = self.by_language["en"] * 4 + [each for guides in self.by_language.values() for each in guides]
        titles = [" ".join(re.findall(r"\w+", chance.choice(every).title)[:6]) for _ in range(200)]
        questions = [
            " ".join(sentence.rstrip("?؟ ").split()[-6:])
            for guide in every
            for sentence in guide.sentences
            if sentence.endswith(("?", "؟")) and len(sentence) < 120
        ]
        ranked = [word for word, _ in self._frequencies.most_common()]
        common = [" ".join(chance.sample(ranked[:300], 1 + number % 3)) for number in range(30)]
        rare = [" ".join(chance.sample(ranked[2000:10000], 1 + number % 3)) for number in range(30)]
        distinct = [title for title in dict.fromkeys(titles) if title]
        return [*distinct[:30], *chance.sample(questions, 30), *common, *rare]

    def cold_queries(self, warm: list[str], most: int = 100) -> list[str]:
        """Give queries of one to six words none of which stands in ``warm`` or in a query before."""
        chance = random.Random(SEED + 2)
        asked = {word[:5] for query in warm for word in _WORD.findall(query.lower())}
        queries = []
        for _ in range(20_000):
            guide = chance.choice(self.by_language["en"])
            words = chance.choice(guide.sentences).lower().split()
            start, length = chance.randrange(len(words)), chance.randint(1, 6)
            found = [word for word in _WORD.findall(" ".join(words[start : start + length])) if len(word) > 4]
            # Five letters stand for a stem: words of one stem are one word to every engine.
            if found and not any(word[:5] in asked for word in found):
                asked.update(word[:5] for word in found)
                queries.append(" ".join(words[start : start + length]))
            if len(queries) == most:
                break
        return queries
