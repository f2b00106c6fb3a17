"""A new hub is made by migrations; all other tests make their tables from the models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def manage(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments, "--settings", "hub.settings.demo"],
        cwd=ROOT,
        env={**os.environ, "HUB_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "hub.settings.demo"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_migrations_make_a_whole_hub_from_nothing_and_nothing_is_left_to_make(tmp_path):
    migrated = manage(tmp_path, "migrate", "-v", "0")
    assert migrated.returncode == 0, migrated.stderr
    missing = manage(tmp_path, "makemigrations", "--check", "--dry-run")
    assert missing.returncode == 0, missing.stdout
    sound = manage(tmp_path, "check_integrity")
    assert sound.returncode == 0, sound.stdout
