"""Addresses of what readers keep, and of what changed in a chapter or a book."""

from django.urls import path

from . import views

urlpatterns = [
    path("changes/<int:pk>/", views.changes, name="changes"),
    path("account/reading/", views.my_reading, name="my_reading"),
    path("account/reading/forget/", views.forget, name="forget_reading"),
    path("account/reading/<int:pk>/", views.read, name="note_reading"),
    path("account/notes/", views.my_notes, name="my_notes"),
    path("account/notes/export/<str:form>/", views.export_notes, name="export_notes"),
    path("account/notes/on/<int:pk>/", views.notes_on, name="notes_on"),
    path("account/notes/<int:pk>/", views.edit_note, name="edit_note"),
    path("account/notes/<int:pk>/delete/", views.delete_note, name="delete_note"),
]
