"""Words that found nothing: counted without any person, written down only when many looked for them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from hub import unanswered
from hub.models import UnansweredWord

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db
DAY = date(2027, 3, 1)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    """A folder of this test's own for the spool."""
    settings.VAR_DIR = tmp_path
    return tmp_path


def written() -> dict[str, int]:
    """The words that can be read in the table, with how often they were searched for."""
    return dict(UnansweredWord.objects.exclude(word="").values_list("word", "times"))


def spooled(var: Path) -> list[str]:
    """The words that wait to be counted."""
    path = var / "unanswered" / "words"
    return path.read_text().split() if path.exists() else []


# What is kept ----------------------------------------------------------------------------------------


def test_only_single_words_of_letters_are_kept() -> None:
    assert unanswered.storable("zwei drei", ["zwei", "drei", "a", "s1.3", "2027", "ab12cd"]) == ["drei", "zwei"]
    assert unanswered.storable("mail to a@b.example", ["mail", "example"]) == []
    assert unanswered.storable("see https://x.example/name", ["name"]) == []
    assert unanswered.storable("x", ["a" * 41, "\nfoo", "foo bar", "العربية", "नमस्ते"]) == ["العربية", "नमस्ते"]
    assert len(unanswered.storable("x", [f"wort{letter}" for letter in "abcdefghijklmnop"])) == 8


@given(st.lists(st.text(st.characters(exclude_categories=())), max_size=10))
def test_whatever_is_kept_can_stand_on_a_line_of_a_file(missing: list[str]) -> None:
    for word in unanswered.storable("", missing):
        assert word.split() == [word]
        assert word.encode().decode() == word


@pytest.mark.own_engine(reason="another splits words in its own way")
def test_a_search_without_results_leaves_its_words_and_nothing_else(
    make_resource: Make, indexed: Make, client_of: Make, var: Path
) -> None:
    make_resource("Open", text="housing")
    make_resource("Closed", text="zebra", audience="full")
    indexed()
    for query in ("q=housing", "q=housing+unicorn", "", "q=unicorn&kind=tool", "kind=none"):
        client_of("associate").get(f"/search/?{query}")
    client_of("associate").get("/search/?q=uni", headers={"HX-Request": "true"})
    assert spooled(var) == []
    client_of("associate").get("/search/?q=Zebra+unicorn+0151+2345")
    assert spooled(var) == ["unicorn", "zebra"]
    (file,) = (var / "unanswered").iterdir()
    assert file.read_bytes() == b"unicorn\nzebra\n"
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_word_is_written_down_from_the_third_time_on() -> None:
    unanswered.note("x", ["meier", "samovar"])
    unanswered.count(DAY)
    unanswered.note("x", ["samovar"])
    unanswered.count(DAY)
    assert written() == {}
    assert {row.word for row in UnansweredWord.objects.all()} == {""}
    unanswered.note("x", ["samovar"])
    unanswered.count(DAY + timedelta(days=1))
    assert written() == {"samovar": 3}
    kept = " ".join(str(value) for row in UnansweredWord.objects.values_list() for value in row)
    assert "meier" not in kept


def test_the_order_of_the_rows_tells_nothing_of_what_was_typed_together() -> None:
    typed = [["anna", "kowalska"], ["karim", "haddad"], ["petra", "novak"], ["samovar", "teapot"]]
    for words in typed:
        unanswered.note("x", words)
    unanswered.count(DAY)
    by_digest = sorted(unanswered.digest(word) for words in typed for word in words)
    assert list(UnansweredWord.objects.order_by("pk").values_list("digest", flat=True)) == by_digest


def test_words_are_forgotten_after_ninety_days() -> None:
    for _time in range(3):
        unanswered.note("x", ["samovar"])
    unanswered.count(DAY)
    unanswered.count(DAY + unanswered.KEPT)
    assert written() == {"samovar": 3}
    unanswered.count(DAY + unanswered.KEPT + timedelta(days=1))
    assert not UnansweredWord.objects.exists()


def test_the_table_and_the_spool_stay_small(monkeypatch: Any, var: Path) -> None:
    monkeypatch.setattr(unanswered, "MOST_WORDS", 2)
    monkeypatch.setattr(unanswered, "LARGEST_SPOOL", 100)
    for number in range(30):
        unanswered.note("x", [f"wort{chr(97 + number % 26)}"])
    assert len(spooled(var)) <= 17
    for _time in range(2):
        unanswered.note("x", ["wortb"])
    unanswered.count(DAY)
    assert UnansweredWord.objects.count() == 2


# Faults ----------------------------------------------------------------------------------------------


def test_counting_twice_counts_once_and_says_how_many(var: Path) -> None:
    unanswered.note("x", ["samovar", "teapot"])
    out = StringIO()
    call_command("count_zero_results", "--today", "2027-03-01", stdout=out)
    call_command("count_zero_results", "--today", "2027-03-01", stdout=out)
    assert out.getvalue() == "2\n0\n"
    assert list((var / "unanswered").iterdir()) == []


def test_what_an_ended_run_left_is_counted_by_the_next(var: Path) -> None:
    unanswered.note("x", ["samovar"])
    (taken,) = unanswered.taken_files()
    unanswered.note("x", ["teapot"])
    assert unanswered.count(DAY) == 2
    assert not taken.exists()


def test_a_full_or_missing_disk_is_no_error(library: Any, var: Path, monkeypatch: Any, caplog: Any) -> None:
    def full(*_arguments: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    assert Client().get("/search/?q=samovar").status_code == 200
    assert "No space left" in caplog.text
    assert "samovar" not in caplog.text
    monkeypatch.undo()
    (var / "unanswered" / "words").unlink()
    (var / "unanswered").rmdir()
    (var / "unanswered").write_text("a file where the folder should be")
    assert Client().get("/search/?q=samovar").status_code == 200


def test_junk_in_the_spool_is_passed_over(var: Path) -> None:
    unanswered.note("x", ["samovar"])
    with (var / "unanswered" / "words").open("ab") as file:
        file.write(b"\x00\xff\xfe\nhalf a line\n" + b"y" * 500 + b"\nend")
    assert unanswered.count(DAY) == 2  # "samovar" and "end"


def test_many_who_search_while_it_is_counted_lose_nothing(var: Path) -> None:
    def search(number: int) -> None:
        for _time in range(40):
            unanswered.note("x", [f"wort{chr(97 + number)}"])

    counted = []
    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(search, number) for number in range(4)]
        while not all(each.done() for each in running):
            for taken in unanswered.taken_files():
                counted += unanswered.read(taken)
                taken.unlink()
    for taken in unanswered.taken_files():
        counted += unanswered.read(taken)
    assert len(counted) == 160


WRITER = """
import sys, types
from pathlib import Path
from django.conf import settings
import django
settings.VAR_DIR = Path(sys.argv[1])
django.setup()
from hub import unanswered
print("ready", flush=True)
while True:
    unanswered.note("x", ["samovar", "teapot"])
"""


def test_killing_a_process_that_writes_leaves_whole_words(var: Path) -> None:
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "hub.settings.test", "PYTHONPATH": str(ROOT)}
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(var)], cwd=ROOT, env=told, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    while not spooled(var):
        pass
    writer.send_signal(signal.SIGKILL)
    writer.wait()
    words = spooled(var)
    assert set(words) == {"samovar", "teapot"}
    assert unanswered.count(DAY) == len(words)


# The report ------------------------------------------------------------------------------------------


def test_the_secretariat_reads_the_words_and_nobody_else_does(client_of: Make) -> None:
    for _time in range(3):
        unanswered.note("x", ["samovar"])
    unanswered.note("x", ["meier"])
    unanswered.count(DAY)
    page = client_of("secretariat").get("/admin/reports/unanswered/").content.decode()
    assert "samovar" in page
    assert "meier" not in page
    for name in ("anonymous", "associate", "lead", "author", "board"):
        answer = client_of(name).get("/admin/reports/unanswered/")
        assert answer.status_code == (302 if name == "anonymous" else 404), name
