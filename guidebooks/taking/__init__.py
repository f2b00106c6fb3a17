"""A guidebook to take away: as PDF, EPUB or one HTML file, made for one reader and of what she may open only.

``book`` gathers it, ``epub``, ``page`` and ``pdf`` write it, ``kept`` keeps what was written for those who may read the
same, ``views`` are its doors.
"""
