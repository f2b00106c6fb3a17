from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_modelsearchs_own_tests_of_a_backend_all_pass_and_none_is_skipped() -> None:
    program = Path(__file__).with_name("backend_suite.py")
    root = program.parents[2]
    ran = subprocess.run(
        [sys.executable, str(program)],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr[-4000:] + ran.stdout[-1000:]
    assert "120 of 120 pass, 0 skipped, 0 logged" in ran.stdout
