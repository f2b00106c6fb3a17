"""Doors of the library beside its pages."""

from django.urls import path

from resources import trying

urlpatterns = [
    path("tried/<int:page>/", trying.write, name="tried_write"),
    path("tried/<int:page>/<int:note>/", trying.change, name="tried_change"),
    path("tried/<int:page>/<int:note>/report/", trying.report, name="tried_report"),
    path("tried/<int:page>/<int:note>/remove/", trying.remove, name="tried_remove"),
]
