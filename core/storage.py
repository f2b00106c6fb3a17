"""Where uploads are kept."""

from __future__ import annotations

from django.core.files.storage import FileSystemStorage


class PrivateStorage(FileSystemStorage):
    """Local files that have no address of their own: each is reached through its door only."""

    def url(self, name: str | None) -> str:
        """There is none."""
        raise ValueError("An upload has no address of its own: link to the document or the rendition.")
