"""Read one file under limits: ``python -m search.extraction ENDING < FILE``."""

from __future__ import annotations

import importlib
import json
import sys

from search.extraction import MOST_CHARACTERS, MOST_PAGES, Enough, Pages, Unreadable, limits

# Each module has a function of the name of each ending it reads.
READERS = {
    "pdf": "pdf",
    "docx": "office",
    "pptx": "office",
    "odt": "office",
    "txt": "plain",
    "csv": "plain",
    "md": "plain",
}


def main(ending: str) -> None:
    """Write the parts of standard input, then how it went."""
    limits.bind()
    read = getattr(importlib.import_module(f"search.extraction.{READERS[ending]}"), ending)
    data = sys.stdin.buffer.read()
    limits.close()
    pages, told, state = Pages(), 0, "read"
    try:
        if not data:
            raise Unreadable("empty")
        for part in read(data, pages):
            told += len(part.text)
            if part.number > MOST_PAGES or told > MOST_CHARACTERS:
                raise Enough
            put({"number": part.number, "label": part.label, "text": part.text})
    except Enough:
        state = "partly"
    except Unreadable as reason:
        state = str(reason)
    except MemoryError:
        state = "too-large"
    except RecursionError:
        state = "damaged"
    put({"state": state, "pages": pages.count})


def put(record: dict[str, object]) -> None:
    """Write one line at once: what is there when time runs out counts."""
    sys.stdout.write(json.dumps(record) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
