"""Settings are documented, and production starts only when it is safe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"')


def variables() -> set[str]:
    return {name for path in (ROOT / "hub/settings").glob("*.py") for name in READ.findall(path.read_text())}


def test_every_variable_that_is_read_stands_in_the_docs():
    documented = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/settings.md").read_text(), re.M))
    assert variables()
    assert variables() <= documented
    assert documented - {"DJANGO_SETTINGS_MODULE"} <= variables()


def start(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    safe = {
        "DJANGO_SETTINGS_MODULE": "hub.settings.production",
        "SECRET_KEY": "k7-" * 20,
        "ALLOWED_HOSTS": "hub.example.org",
        "HUB_VAR": str(tmp_path),
    }
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **safe, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_when_all_is_safe(tmp_path):
    assert start(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("variable", "value"), [("SECRET_KEY", "short"), ("SECRET_KEY", "demo" * 20), ("ALLOWED_HOSTS", "*")]
)
def test_production_refuses_an_unsafe_value_and_names_it(tmp_path, variable, value):
    refused = start(tmp_path, **{variable: value})
    assert refused.returncode != 0
    assert variable in refused.stderr
