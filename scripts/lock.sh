#!/bin/sh
# Renew the three locks from the *.in files: sh scripts/lock.sh [--upgrade]
set -eu
cd "$(dirname "$0")/.."
for name in requirements requirements-dev requirements-e2e; do
    .venv/bin/uv pip compile "$name.in" --output-file "$name.txt" --universal --python-version 3.11 \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
        --custom-compile-command "sh scripts/lock.sh" --quiet "$@"
done
