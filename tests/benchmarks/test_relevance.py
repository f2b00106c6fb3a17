"""Judging a collection: the measures are those of the field, and bad input is named by file and line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import collections
from benchmarks.collections import BadCollection, average_precision, ndcg, queries, recall, texts
from benchmarks.known_items import questions

ROOT = Path(__file__).parents[2]

DOCUMENTS: list[dict[str, Any]] = [
    {"id": " a", "title": "", "body": ""},
    {"id": "b ", "title": "Prison <b>work</b> & exit \x00", "body": "One\u2028two \ud800 three"},
    {"id": 7, "title": "long " * 100 + "housing", "body": "word " * 5000},
    {"id": "zh", "title": "住房", "body": "", "language": "zh"},
    {"id": "ar", "title": "دعم الأقران", "body": "نص", "language": "ar-EG"},
    {"id": "n", "title": None, "body": "peer support [^1]"},
]
QUERIES: list[dict[str, Any]] = [
    {"id": "q1", "text": "housing"},
    {"id": "q2", "text": "exit work " * 60},
    {"id": "q3", "text": '"unbalanced -peer title:'},
    {"id": 4, "text": "الأقران"},
    {"id": "q5", "text": "住房"},
    {"id": "q6", "text": "judged to have no answer"},
    {"id": "q7", "text": "never judged"},
    {"id": "q8", "text": "housing"},
]
JUDGEMENTS = (
    "query-id\tcorpus-id\tscore\nq1\t7\t2\nq2\tb \t1\nq3\tn\t1\n4\tar\t1\nq5\tzh\t1\nq6\tn\t0\nq8\tgone\t1\nq8\t7\t1\n"
)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    """A small collection in which everything is unusual."""
    (tmp_path / "docs.jsonl").write_text("\n".join(map(json.dumps, DOCUMENTS)) + "\n\n")
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, QUERIES)))
    (tmp_path / "qrels.tsv").write_text(JUDGEMENTS)
    return tmp_path


def test_a_collection_is_judged_through_the_hub_in_one_line(odd: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.relevance", str(odd)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (line,) = run.stdout.splitlines()
    found = json.loads(line)
    # Of six judged queries, the third asks for what is in no document, and the last has one of its two answers.
    assert found["map"] == pytest.approx(4.5 / 6, abs=1e-4)
    assert found["recall@100"] == pytest.approx(4.5 / 6, abs=1e-4)
    assert found["ndcg@10"] == pytest.approx((4 + 1 / (1 + 1 / 1.584962500721156)) / 6, abs=1e-4)
    assert found["empty"] == pytest.approx(1 / 6, abs=1e-4)
    assert (found["documents"], found["queries"], found["unjudged"], found["relevant"]) == (6, 6, 2, 7)


def test_what_is_no_collection_is_refused_in_words(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.relevance", str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 1
    assert run.stdout == ""
    assert "qrels.tsv" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("docs.jsonl", b'{"id": "a"}\n{"id": "a"}\n', "docs.jsonl, line 2: the id 'a' has been there before"),
        ("docs.jsonl", b'{"id": "a"}\nnonsense\n', "docs.jsonl, line 2: not JSON"),
        ("docs.jsonl", b'{"title": "a"}\n', "docs.jsonl, line 1: id must be a string, found None"),
        ("docs.jsonl", b'{"id": "a", "title": ["x"]}\n', "docs.jsonl, line 1: title must be a string"),
        ("docs.jsonl", b'["a"]\n', "docs.jsonl, line 1: expected an object"),
        ("docs.jsonl", b'\xff{"id": "a"}\n', "docs.jsonl, line 1: not UTF-8"),
        ("queries.jsonl", b'{"id": "q"}\n', "queries.jsonl, line 1: there is no text"),
        ("queries.jsonl", b'{"id": "q", "text": ""}\n' * 2, "queries.jsonl, line 2: the id 'q' has been there"),
        ("qrels.tsv", b"q a 1\n", "qrels.tsv, line 1: expected query, document and relevance between tabs"),
        ("qrels.tsv", b"q\ta\t1\nq\ta\tyes\n", "qrels.tsv, line 2: the relevance 'yes' is no number"),
    ],
)
def test_a_bad_line_is_named(odd: Path, name: str, content: bytes, message: str) -> None:
    (odd / name).write_bytes(content)
    with pytest.raises(BadCollection) as raised:
        list(texts(odd)), queries(odd)
    assert message in str(raised.value)


@pytest.mark.parametrize("missing", ["docs.jsonl", "queries.jsonl", "qrels.tsv"])
def test_a_missing_file_is_named(odd: Path, missing: str) -> None:
    (odd / missing).unlink()
    with pytest.raises(BadCollection, match=rf"{missing}: No such file"):
        list(texts(odd)), queries(odd)


def test_ids_are_taken_letter_by_letter(odd: Path) -> None:
    assert [text.id for text in texts(odd)] == [" a", "b ", "7", "zh", "ar", "n"]
    relevant = {query.id: query.relevant for query in queries(odd)}
    assert relevant["q2"] == {"b "}
    assert relevant["q6"] == relevant["q7"] == frozenset()


def test_the_measures_are_those_worked_out_by_hand() -> None:
    ranked, relevant = ["a", "x", "b", "y"], {"a", "b", "c"}
    assert ndcg(ranked, relevant) == pytest.approx((1 + 1 / 2) / (1 + 1 / 1.584962500721156 + 1 / 2))
    assert average_precision(ranked, relevant) == pytest.approx((1 + 2 / 3) / 3)
    assert recall(ranked, relevant, depth=2) == pytest.approx(1 / 3)
    assert ndcg(["x"] * 10 + ["a"], {"a"}) == 0
    assert collections.DEFAULT_LANGUAGE == "en"


def test_questions_with_one_answer_are_the_same_each_time() -> None:
    pages = [
        {"id": str(n), "title": f"Page {n} of all", "body": "We meet in the hall every week. " * 9} for n in range(3)
    ]
    assert questions(pages) == questions(pages)
    assert questions(pages)["titles"] == [(f"Page {n} of all", str(n)) for n in range(3)]
    assert {len(text.split()) for text, _ in questions(pages)["part-titles"]} == {3}
