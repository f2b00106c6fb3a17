"""Another process of the hub: for each line read, print which terms of the vocabulary are looked for beside it."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from core import vocabulary  # noqa: E402

for line in sys.stdin:
    now = vocabulary.current()
    print(json.dumps([each.term.words for found in now.named(line.split()) for each in now.beside(found)]), flush=True)
