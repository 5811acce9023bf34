#!/usr/bin/env python3
"""The one command line of giaoban."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giaoban.settings")
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        settings.INSTALLED_APPS  # noqa: B018  a wrong environment is told in one sentence, not in a traceback
    except ImproperlyConfigured as error:
        sys.exit(f"giaoban: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
