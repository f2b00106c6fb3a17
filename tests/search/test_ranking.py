"""The order of what is found is that of the formula in docs/search/ranking.md, and nobody's closed text moves it."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from modelsearch.query import PlainText

from search import engine, feedback, library
from search.analysis import is_stop_word, term, words
from search.documents import GAP
from search.engine import Engine
from search.feedback import lifted
from search.sets import viewer_set
from search.snapshot import Snapshot
from search.typed import PROSE, read
from tests.search.shelf.models import Note
from tests.search.test_engine import Text, build, reference

VOCABULARY = ["housing", "prison", "work", "exit", "family", "peer", "trauma", "school", "youth", "the", "of"]
MEMBER = frozenset({"public", "members"})


def texts(keys: list[str]) -> st.SearchStrategy[Text]:
    return st.builds(
        Text,
        title=st.lists(st.sampled_from(VOCABULARY), max_size=3).map(" ".join),
        text=st.lists(st.sampled_from(VOCABULARY), max_size=15).map(" ".join),
        language=st.just("en"),
        key=st.sampled_from(keys),
    )


def commits(keys: list[str]) -> st.SearchStrategy[list[list[Text]]]:
    return st.lists(st.lists(texts(keys), min_size=1, max_size=6), min_size=1, max_size=4)


queries = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=5)


def scores(now: Snapshot, asked: list[str], keys: frozenset[str] | None = MEMBER) -> dict[int, float]:
    """Give the scores of the objects that match, by their numbers."""
    documents = viewer_set(now, keys)
    machine = Engine(documents)
    query = PlainText(" ".join(asked), operator="or")
    match = machine.match(query)
    given_ = lifted(machine, match, query)
    numbers = documents.snapshot.numbers("object")[match.mask]
    return dict(zip(numbers.tolist(), given_[match.mask].tolist(), strict=True))


# The plain formula, text by text and word by word


def places(text: Text) -> list[tuple[int, str]]:
    """Give the stems of a text with their places, title first."""
    title, body = words(text.title), words(text.text)
    at = [*enumerate(title), *enumerate(body, len(title) + 2 * GAP + GAP)]
    return [(place, term(word, "en")) for place, word in at if not is_stop_word(word, "en")]


def plain_scores(left: list[Text], numbers: list[int], asked: list[str]) -> dict[int, float]:
    sought = [(at, word) for at, word in enumerate(asked) if not is_stop_word(word, "en")] or list(enumerate(asked))
    worth = reference(left, asked)
    counts = Counter(word for _, word in sought)
    found: dict[int, float] = {}
    exact: set[int] = set()
    for at, text in enumerate(left):
        held = [word for word in counts if word in worth[at]]
        if not held:
            continue
        score = sum(counts[word] * worth[at][word] for word in held)
        stood = set(places(text))
        beside = []
        for (one, first), (two, second) in pairwise(sought):
            if first == second:
                continue
            near = (term(first, "en"), term(second, "en"))
            stop = is_stop_word(first, "en") or is_stop_word(second, "en")
            beside.append(not stop and any(s == near[0] and (p + two - one, near[1]) in stood for p, s in stood))
            if beside[-1]:
                score += engine.ADJACENT * (worth[at][first] + worth[at][second])
        if len(counts) > 1 and len(held) == len(counts):
            score *= 1 + engine.ALL_WORDS
        titled = {term(word, "en") for word in words(text.title) if not is_stop_word(word, "en")}
        if all_titled := {term(word, "en") for word in counts} <= titled:
            score *= 1 + engine.IN_TITLE
        if in_a_row := bool(beside) and all(beside):
            score *= 1 + engine.IN_A_ROW
        if all_titled or in_a_row:
            exact.add(at)
        found[at] = score
    return {numbers[at]: score for at, score in with_feedback(left, numbers, found, exact, len(counts)).items()}


def with_feedback(
    left: list[Text], numbers: list[int], found: dict[int, float], exact: set[int], asked: int
) -> dict[int, float]:
    best = sorted(found, key=lambda at: (-found[at], -numbers[at]))[: feedback.BEST]
    if len(best) < feedback.SHARED:
        return found
    stems = [Counter(stem for _, stem in places(text)) for text in left]
    trust = {at: (found[at] / found[best[0]]) ** feedback.TRUST for at in best}
    share: Counter[str] = Counter()
    for at in best:
        for stem, count in stems[at].items():
            share[stem] += trust[at] / sum(trust.values()) * count / stems[at].total()
    idf = {}
    for stem in share:
        held = sum(stem in each for each in stems)
        idf[stem] = math.log(1 + (len(left) - held + 0.5) / (held + 0.5))
    weights = {
        stem: share[stem] * idf[stem] for stem in share if sum(stem in stems[at] for at in best) >= feedback.SHARED
    }
    if not weights:
        return found
    mean = max(sum(map(Counter.total, stems)) / len(left), 1.0)
    likeness = {}
    for at in found:
        norm = engine.K1 * (1 - engine.B + engine.B * stems[at].total() / mean)
        likeness[at] = sum(
            weight * idf[stem] * stems[at][stem] * (engine.K1 + 1) / (stems[at][stem] + norm)
            for stem, weight in weights.items()
        ) / sum(weights.values())
    most = max(likeness.values())
    return {
        at: score + feedback.WEIGHT * asked * (most if at in exact else likeness[at]) for at, score in found.items()
    }


@settings(max_examples=50, deadline=None)
@given(commits=commits(["public"]), gone=st.sets(st.integers(0, 20), max_size=6), merged=st.booleans(), asked=queries)
def test_scores_are_those_of_the_formula_after_commits_deletions_and_merges(
    commits: list[list[Text]], gone: set[int], merged: bool, asked: list[str]
) -> None:
    now, left = build(commits, gone, merged)
    numbers = [at for at, _ in enumerate(chain(*commits)) if at not in gone]
    assert scores(now, asked) == pytest.approx(plain_scores(left, numbers, asked))


@settings(max_examples=40, deadline=None)
@given(commits=commits(["public", "members", "full"]), asked=queries)
def test_what_is_closed_changes_no_score(commits: list[list[Text]], asked: list[str]) -> None:
    everything, _ = build(commits, set(), merged=False)
    closed = {at for at, text in enumerate(chain(*commits)) if text.key == "full"}
    without, _ = build(commits, closed, merged=True)
    assert scores(everything, asked) == scores(without, asked)


@settings(max_examples=30, deadline=None)
@given(commits=commits(["public"]), asked=queries)
def test_feedback_finds_nothing_more_and_lets_nothing_pass_what_says_just_what_was_asked(
    commits: list[list[Text]], asked: list[str]
) -> None:
    now, _ = build(commits, set(), merged=False)
    machine = Engine(viewer_set(now, None))
    query = PlainText(" ".join(asked), operator="or")
    match = machine.match(query)
    after = lifted(machine, match, query)
    assert not after[~match.mask].any()
    assert (after >= match.scores * (1 - 1e-9)).all()
    found = np.flatnonzero(match.mask)
    for each in set(match.exact.tolist()) & set(found.tolist()):
        before_it = match.scores[found] > match.scores[each]
        assert not (after[found][~before_it] > after[each] + 1e-9).any()


# Examples


GUIDES = [
    Text("Housing after prison", "Finding a flat with a landlord and a deposit.", "en", "public"),
    Text("Prison and housing", "The landlord wants a deposit before the flat is let.", "en", "public"),
    Text("Notes", "After prison come the flat, the landlord and the deposit.", "en", "public"),
    Text("Notes", "After prison comes the summer with its long and warm evenings.", "en", "public"),
    Text("Flat, landlord, deposit", "Where people live.", "en", "public"),
]


def test_what_resembles_the_best_comes_before_what_does_not() -> None:
    now, _ = build([GUIDES], set(), merged=False)
    given_ = scores(now, ["housing", "prison"])
    assert sorted(given_, key=given_.__getitem__, reverse=True)[2:] == [2, 3]
    assert 4 not in given_, "it shares words with the best, but none with the query"


def test_a_title_that_holds_all_words_stays_first_however_alike_the_others_are() -> None:
    alike = [Text("", f"peer support groups meet weekly in the evening {n}", "en", "public") for n in range(9)]
    now, _ = build([alike, [Text("Peer support", "Something else.", "en", "public")]], set(), merged=False)
    given_ = scores(now, ["peer", "support"])
    assert max(given_, key=given_.__getitem__) == 9


def test_of_equals_the_newer_speak_as_they_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback, "BEST", 2)
    said = ["summer sun", "summer evening", "lease key", "lease deposit"]
    now, _ = build([[Text("", f"peer {each}", "en", "public") for each in said]], set(), merged=False)
    given_ = scores(now, ["peer"])
    assert given_[2] > given_[0]
    assert given_[3] > given_[1]


def test_only_the_best_are_lifted_and_the_others_stay_behind_them(monkeypatch: pytest.MonkeyPatch) -> None:
    now, _ = build([GUIDES], set(), merged=False)
    machine, query = Engine(viewer_set(now, None)), PlainText("housing prison deposit", operator="or")
    match = machine.match(query)
    monkeypatch.setattr(feedback, "DEPTH", 2)
    after = lifted(machine, match, query)
    order = np.argsort(-match.scores, kind="stable")
    assert (after[order[:2]] > match.scores[order[:2]]).all()
    assert after[order[2:]].tolist() == match.scores[order[2:]].tolist()


def test_an_item_is_lifted_as_a_whole_so_that_its_best_place_stays_the_best(shelve: Callable[..., Note]) -> None:
    for number in range(4):
        shelve(f"Landlord {number}", "Ask the landlord for a lease, a deposit and a key.")
    shelve("Handbook", "The landlord, a lease, a deposit, a key.\n# Landlord\nYour landlord is the landlord.")
    hit = next(hit for hit in library.find("landlord", keys=None).hits if hit.title == "Handbook")
    assert hit.label == "Landlord"


def test_what_is_asked_of_a_field_comes_newest_first(shelve: Callable[..., Note]) -> None:
    for day, text in enumerate(["lease deposit key", "summer evening", "lease deposit key"], 1):
        shelve(f"Note {day}", text, author="Amal", published_on=dt.datetime(2026, 1, day, tzinfo=dt.UTC))
    found = library.find("author:amal", keys=None)
    assert [hit.title for hit in found.hits] == ["Note 3", "Note 2", "Note 1"]


def test_number_facets_and_missing_words_are_those_of_the_query_alone(
    shelve: Callable[..., Note], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        shelve(f"Landlord {number}", "A lease, a deposit and a key.", topics=["housing"])
    shelve("Lease", "A lease, a deposit and a key, but nobody who lets.", topics=["work"])
    with_feedback_ = library.find("landlord zebra", keys=None, facets=["topic"])
    monkeypatch.setattr(feedback, "WEIGHT", 0.0)
    without = library.find("landlord zebra", keys=None, facets=["topic"])
    assert with_feedback_.total == without.total == 4
    assert with_feedback_.facets == without.facets == {"topic": {"housing": 4}}
    assert with_feedback_.words == without.words
    assert with_feedback_.missing == without.missing == ("zebra",)
    assert {hit.snippet for hit in with_feedback_.hits} == {hit.snippet for hit in without.hits}


def test_a_short_query_has_a_syntax_and_a_pasted_paragraph_has_none() -> None:
    assert read('housing "exit work" -prison title:youth').query != PlainText("housing exit work prison title youth")
    pasted = " ".join(["word"] * PROSE) + ' "exit work" -prison title:youth'
    query = read(pasted).query
    assert isinstance(query, PlainText)
    assert query.query_string.split()[PROSE:] == ["exit", "work", "prison", "title", "youth"]
