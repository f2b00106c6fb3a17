"""Addresses of the events beside their pages."""

from django.urls import re_path

from events import views

# Eighteen digits: what a number in the database can hold.
urlpatterns = [re_path(r"^events/calendar/(?P<pk>[0-9]{1,18})\.ics$", views.event_ics, name="event_ics")]
