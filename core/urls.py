"""Doors to files."""

urlpatterns: list = []
