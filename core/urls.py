"""Doors to files."""

from django.urls import path

from core import files

urlpatterns = [
    path("documents/<int:pk>/<str:filename>", files.document, name="document"),
    path("images/<str:token>", files.image, name="image"),
]
