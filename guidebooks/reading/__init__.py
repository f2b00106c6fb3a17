"""What a reader keeps of a chapter: what was read last and what changed since, private notes and bookmarks."""
