"""Addresses of the events beside their pages."""

from django.urls import path

from events import views

urlpatterns = [path("events/calendar/<int:pk>.ics", views.event_ics, name="event_ics")]
