#!/bin/sh
# Everything a machine can find fault with: code, templates, missing migrations, deployment settings.
set -eu
cd "$(dirname "$0")/.."
bin=.venv/bin
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/djlint" --quiet --lint templates
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
GIAOBAN_VAR=$folder "$bin/python" manage.py makemigrations --check --dry-run
GIAOBAN_VAR=$folder "$bin/python" manage.py collectstatic --no-input -v0
SECRET_KEY=$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(60))') \
    GIAOBAN_VAR=$folder HOST=0.0.0.0 HTTPS=on TRUSTED_PROXIES=1 ALLOWED_HOSTS=giaoban.example \
    "$bin/python" manage.py check --deploy --fail-level WARNING
