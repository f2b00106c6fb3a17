"""The engine gives what the plain formula gives, whatever the index went through."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelsearch.query import MATCH_ALL, And, Boost, Not, Or, Phrase, PlainText, SearchQuery

from search import engine
from search.analysis import fold, is_stop_word, term, words
from search.engine import Engine
from search.entries import Entry
from search.sets import DocumentSet, viewer_set
from search.snapshot import Snapshot
from tests.search.written import written

VOCABULARY = ["housing", "house", "prisons", "prison", "the", "of", "Kinder", "Kindes", "und", "café", "S1.3"]
KEYS = ["public", "members", "full"]


@dataclass(frozen=True)
class Text:
    """A document of the reference: its words, kept as they are."""

    title: str
    text: str
    language: str
    key: str

    @property
    def all_words(self) -> list[str]:
        return [word for part in (self.title, self.text) for word in words(part)]

    @property
    def entry(self) -> Entry:
        return Entry(title=self.title, text=self.text, language=self.language, key=self.key, main=True)

    def counts(self, texts: list[str]) -> Counter[str]:
        return Counter(term(word, self.language) for word in texts if not is_stop_word(word, self.language))


texts = st.builds(
    Text,
    title=st.lists(st.sampled_from(VOCABULARY), max_size=3).map(" ".join),
    text=st.lists(st.sampled_from(VOCABULARY), max_size=12).map(" ".join),
    language=st.sampled_from(["en", "de"]),
    key=st.sampled_from(KEYS),
)


def build(commits: list[list[Text]], gone: set[int], merged: bool) -> tuple[Snapshot, list[Text]]:
    """Write the texts in several commits, delete some of them, and merge; give the index and what is left."""
    now = written([[[text.entry] for text in commit] for commit in commits], gone, merged)
    return now, [text for at, text in enumerate(chain(*commits)) if at not in gone]


def reference(left: list[Text], asked: list[str]) -> dict[int, dict[str, float]]:
    """Give the worth of each word in each text, by the formula of search.engine, word by word and text by text."""
    lengths = [sum(text.counts(text.all_words).values()) for text in left]
    titles = [text.counts(words(text.title)) for text in left]
    average = max(sum(lengths) / len(left), 1.0) if left else 1.0
    title_average = max(sum(map(Counter.total, titles)) / len(left), 1.0) if left else 1.0
    worth: dict[int, dict[str, float]] = {at: {} for at in range(len(left))}
    for word in set(asked):
        held: dict[int, tuple[float, float]] = {}
        in_title: dict[int, float] = {}
        for at, text in enumerate(left):
            stems = text.counts(text.all_words)
            stem = term(word, text.language)
            if not is_stop_word(word, text.language) and stems[stem]:
                held[at] = (stems[stem], 1.0)
                if titles[at][stem]:
                    in_title[at] = titles[at][stem]
                continue
            # Not found by its stem: found as it is written, where that differs from the stem or stands in a title.
            folded = Counter(
                fold(each)
                for part, in_the_title in ((text.title, True), (text.text, False))
                for each in words(part)
                if in_the_title or (not is_stop_word(each, text.language) and fold(each) != term(each, text.language))
            )
            if best := max(folded[fold(word)], stems[fold(word)]):
                held[at] = (best, engine.FOLDED)
        for holders, many, mean, share in (
            (held, lengths, average, 1.0),
            (
                {at: (count, 1.0) for at, count in in_title.items()},
                [c.total() for c in titles],
                title_average,
                engine.TITLE,
            ),
        ):
            idf = math.log(1 + (len(left) - len(holders) + 0.5) / (len(holders) + 0.5))
            for at, (count, factor) in holders.items():
                norm = engine.K1 * (1 - engine.B + engine.B * many[at] / mean)
                value = share * factor * idf * count * (engine.K1 + 1) / (count + norm)
                worth[at][word] = worth[at].get(word, 0.0) + value
    return worth


@settings(max_examples=60, deadline=None)
@given(
    commits=st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=4),
    gone=st.sets(st.integers(0, 15), max_size=5),
    merged=st.booleans(),
    asked=st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=3, unique=True),
)
def test_a_word_is_worth_what_the_formula_says_after_commits_deletions_and_merges(
    commits: list[list[Text]], gone: set[int], merged: bool, asked: list[str]
) -> None:
    now, left = build(commits, gone, merged)
    documents = viewer_set(now, None)
    assert documents.count == len(left)
    expected = reference(left, [word.lower() for word in asked])
    machine = Engine(documents)
    for word in asked:
        found = machine.word(word.lower())
        got = dict(zip(found.documents.tolist(), found.weights.tolist(), strict=True))
        want = {at: each[word.lower()] for at, each in expected.items() if word.lower() in each}
        assert got == pytest.approx(want)


@settings(max_examples=100, deadline=None)
@given(
    commits=st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=3),
    asked=st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=4),
)
def test_what_a_viewer_finds_is_what_an_index_of_only_that_would_give(
    commits: list[list[Text]], asked: list[str]
) -> None:
    everything, _ = build(commits, set(), merged=False)
    closed = {at for at, text in enumerate(chain(*commits)) if text.key == "full"}
    visible, _ = build(commits, closed, merged=True)
    keys = frozenset({"public", "members"})
    query = PlainText(" ".join(asked), operator="or")
    scores = []
    for now in (everything, visible):
        documents = viewer_set(now, keys)
        match = Engine(documents).match(query)
        numbers = documents.snapshot.numbers("object")[match.mask]
        scores.append(dict(zip(numbers.tolist(), match.scores[match.mask].tolist(), strict=True)))
    assert scores[0] == pytest.approx(scores[1])


SHELF = [
    Text("Rust programming", "a language", "en", "public"),
    Text("Programming rust", "about crabs", "en", "public"),
    Text("Law of attrition", "", "en", "public"),
    Text("Attrition law", "", "en", "public"),
    Text("Kinder stark machen", "Das Kind und die Familie", "de", "public"),
    Text("Being kind", "a kind word", "en", "public"),
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (PlainText("rust crabs", operator="or"), {0, 1}),
        (PlainText("rust crabs", operator="and"), {1}),
        (PlainText("languages"), {0}),
        (PlainText("the of and"), set()),
        (PlainText("of"), {2}),
        (PlainText(""), set()),
        (PlainText("kind"), {4, 5}),
        (PlainText("Kindern"), {4}),
        (Phrase("rust programming"), {0}),
        (Phrase("programming rust"), {1}),
        (Phrase("law of attrition"), {2}),
        (Phrase("law attrition"), set()),
        (Phrase("programming a"), {0, 1}),
        (MATCH_ALL, {0, 1, 2, 3, 4, 5}),
        (Not(MATCH_ALL), set()),
        (Not(PlainText("rust")), {2, 3, 4, 5}),
        (And([PlainText("rust"), Not(PlainText("crabs"))]), {0}),
        (Or([PlainText("crabs"), PlainText("attrition")]), {1, 2, 3}),
        (And([]), {0, 1, 2, 3, 4, 5}),
        (Or([]), set()),
        (Boost(PlainText("crabs"), 2.0), {1}),
    ],
    ids=repr,
)
def test_each_node_of_a_query_matches_what_it_says(query: SearchQuery, found: set[int]) -> None:
    now, _ = build([SHELF[:2], SHELF[2:]], set(), merged=False)
    match = Engine(viewer_set(now, None)).match(query)
    assert set(np.flatnonzero(match.mask).tolist()) == found
    assert not match.scores[~match.mask].any()


def test_words_side_by_side_and_all_words_lift_a_document() -> None:
    now, _ = build(
        [[Text("", "exit a b c work", "en", "public"), Text("", "a b c exit work", "en", "public")]], set(), False
    )
    scores = Engine(viewer_set(now, None)).match(PlainText("exit work", operator="or")).scores
    assert scores[1] > scores[0] > 0


def test_words_that_begin_so_are_found_where_beginnings_are_asked_for() -> None:
    now, _ = build([SHELF], set(), merged=False)
    everything = DocumentSet(now, np.ones(now.count, bool))
    assert Engine(everything, beginnings=True).match(PlainText("progr")).mask.tolist() == [True, True, *[False] * 4]
    assert Engine(everything).match(PlainText("progr")).mask.sum() == 0


def test_a_sort_of_query_that_is_not_known_is_refused() -> None:
    now, _ = build([SHELF], set(), merged=False)
    with pytest.raises(NotImplementedError, match="SearchQuery"):
        Engine(viewer_set(now, None)).match(SearchQuery())
