"""Addresses of what is taken away. Those of a device stand below one path: its worker reaches no further."""

from django.urls import path

from guidebooks.taking import views

urlpatterns = [path("taken/<int:pk>/<str:filename>", views.take, name="take_guidebook")]
on_device = [
    path("offline/", views.on_this_device, name="on_this_device"),
    path("offline/worker.js", views.worker, name="offline_worker"),
    path("offline/<int:pk>/", views.offline_copy, name="offline_copy"),
]
