"""Several real processes over one database and one index."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("hub_process.py")
ROOT = PROGRAM.parents[2]

Start = Callable[..., "subprocess.Popen[str]"]
Wrong = Callable[..., list[str]]


@pytest.fixture
def start(tmp_path: Path) -> Any:
    """Start a process of the small hub, and end at last what is still running."""
    running = []

    def begin(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(tmp_path), *arguments],
            cwd=ROOT,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    assert begin("make").wait() == 0
    yield begin
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()
    if "DATABASE_URL" in os.environ:
        said(begin("unmake"))


def said(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate()
    assert process.returncode == 0
    return out


def ask(process: subprocess.Popen[str], query: str) -> list[str] | None:
    assert process.stdin
    assert process.stdout
    process.stdin.write(query + "\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


SOUND = {"missing": [], "extra": [], "waiting": 0}


def test_a_running_process_sees_what_another_writes(start: Start) -> None:
    reader = start("answer")
    assert ask(reader, "note") == []
    said(start("write", "first", "1"))
    assert ask(reader, "note") == ["note first 0"]
    said(start("write", "second", "1"))
    assert ask(reader, "note") == ["note first 0", "note second 0"]
    said(start("rebuild"))
    assert ask(reader, "note") == ["note first 0", "note second 0"]


def test_a_large_change_is_left_to_a_thread_that_the_process_waits_for(start: Start) -> None:
    assert said(start("many", "few", "3", REPAIR="yes")) == "MainThread: 3 changes are in the index\n"
    assert said(start("many", "large", "150", REPAIR="yes")) == "drain-search: 150 changes are in the index\n"
    assert json.loads(said(start("verify"))) == SOUND


def test_small_pieces_are_merged_in_a_thread(start: Start, tmp_path: Path) -> None:
    said(start("write", "one", "40", REPAIR="yes"))
    assert len(list((tmp_path / "index").glob("v*-*/*.arrays"))) <= 18
    assert json.loads(said(start("verify"))) == SOUND


def test_a_lost_index_is_built_anew_by_itself(start: Start, tmp_path: Path) -> None:
    said(start("write", "kept", "1"))
    shutil.rmtree(tmp_path / "index")
    reader = start("answer", REPAIR="yes")
    assert ask(reader, "note") is None
    for _ in range(2000):
        if ask(reader, "note") == ["note kept 0"]:
            return
        time.sleep(0.01)
    raise AssertionError("the index was not built anew")


# Mishaps: what went wrong is told in lines, each with the seed that drew it


@pytest.fixture
def wrong() -> Any:
    """Let a mishap befall a hub of its own, in a folder that another account can reach; give what was wrong then."""
    with tempfile.TemporaryDirectory() as folder:

        def befall(name: str, *arguments: str, **environment: str) -> list[str]:
            told = subprocess.run(
                [sys.executable, str(PROGRAM), folder, "mishap", name, *arguments],
                cwd=ROOT,
                env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            return [json.loads(line) for line in told.stdout.splitlines()]

        yield befall


@pytest.mark.parametrize("kind", ["save", "rebuild", "merge"])
def test_a_process_killed_at_any_point_loses_nothing_and_shows_nothing_that_is_gone(wrong: Wrong, kind: str) -> None:
    assert wrong("kill_at_every_point", "20261126", kind, "25") == []


def test_a_process_killed_at_any_moment_loses_nothing_and_shows_nothing_that_is_gone(wrong: Wrong) -> None:
    assert wrong("kill_at_any_moment", "20261126", "12") == []


def test_a_process_killed_between_index_and_outbox_is_repeated_without_harm(wrong: Wrong) -> None:
    assert wrong("die_between_index_and_outbox") == []


def test_four_writers_two_rebuilds_and_two_readers_at_once_lose_nothing_and_see_no_fault(wrong: Wrong) -> None:
    assert wrong("crowd", "4", "50") == []


def test_a_full_disk_at_any_point_loses_nothing_and_is_told(wrong: Wrong) -> None:
    assert wrong("fill_the_disk", "20261126", "30") == []


@pytest.mark.parametrize("kind", ["read only", "closed"])
def test_a_folder_without_rights_loses_nothing_and_is_told(wrong: Wrong, kind: str) -> None:
    assert wrong("take_rights_away", kind) == []


def test_a_machine_without_threads_breaks_no_request(wrong: Wrong) -> None:
    assert wrong("without_threads", REPAIR="yes") == []


def test_an_index_of_older_code_answers_if_it_can_and_is_built_anew_by_itself(wrong: Wrong) -> None:
    assert wrong("older_code", REPAIR="yes") == []
