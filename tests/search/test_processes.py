"""Several real processes over one database and one index."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).with_name("hub_process.py")
ROOT = PROGRAM.parents[2]

Start = Callable[..., "subprocess.Popen[str]"]


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


def test_four_processes_and_two_rebuilds_at_once_lose_nothing(start: Start) -> None:
    writers = [start("write", f"w{number}", "15") for number in range(4)]
    builders = [start("rebuild"), start("rebuild")]
    for process in [*writers, *builders]:
        said(process)
    assert json.loads(said(start("verify"))) == SOUND
    assert len(list((Path(writers[0].args[2]) / "index").glob("v*-*"))) == 1  # type: ignore[index]


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
    assert len(list((tmp_path / "index").glob("v*-*/*.sum"))) <= 18
    assert json.loads(said(start("verify"))) == SOUND


def test_a_process_that_is_killed_while_it_writes_loses_nothing_it_has_committed(start: Start) -> None:
    for number in range(3):
        writer = start("write", f"killed{number}", "1000")
        assert writer.stdout
        for _ in range(4 + 3 * number):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    said(start("drain"))
    assert json.loads(said(start("verify"))) == SOUND


def test_a_rebuild_that_is_killed_leaves_the_index_in_use(start: Start, tmp_path: Path) -> None:
    said(start("write", "kept", "20"))
    builder = start("rebuild")
    while builder.poll() is None and len(list((tmp_path / "index").glob("v*-*"))) < 2:
        pass
    builder.send_signal(signal.SIGKILL)
    builder.wait()
    reader = start("answer")
    assert len(ask(reader, "note")) == 20
    said(start("rebuild"))
    assert len(list((tmp_path / "index").glob("v*-*"))) == 1
    assert json.loads(said(start("verify"))) == SOUND


def test_a_full_disk_loses_nothing_and_leaves_the_index_in_use(start: Start, tmp_path: Path) -> None:
    said(start("write", "kept", "1"))
    before = sorted(path.name for path in (tmp_path / "index").iterdir())
    said(start("full", "large", "large"))
    assert ask(start("answer"), "note") == ["note kept 0"]
    state = json.loads(said(start("verify")))
    assert (len(state["missing"]), state["extra"], state["waiting"]) == (1, [], 1)
    builder = start("full", "rebuild")
    builder.communicate()
    assert builder.returncode != 0
    assert sorted(path.name for path in (tmp_path / "index").iterdir()) == before
    said(start("drain"))
    assert json.loads(said(start("verify"))) == SOUND
    assert ask(start("answer"), "note") == ["note kept 0", "note large"]


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
