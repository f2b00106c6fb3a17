"""The door for web servers such as gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings.production")
application = get_wsgi_application()

# Demo accounts have a published password; system checks do not run when a web server starts.
from members.checks import refuse_demo_accounts  # noqa: E402  needs the settings loaded above

refuse_demo_accounts()
