#!/bin/sh
# The whole suite; its browser tests where a Chromium is found (CI=true insists on one). Arguments go to pytest.
set -eu
cd "$(dirname "$0")/.."

# A part of the suite starts at once, in one process.
workers="-n 2"
[ $# -eq 0 ] || workers=

chromium=${CHROMIUM:-}
for name in chromium chromium-browser google-chrome; do
    [ -n "$chromium" ] || chromium=$(command -v "$name" || true)
done

if [ -n "$chromium" ]; then
    [ .venv/.ready-e2e -nt requirements-e2e.txt ] || sh scripts/bootstrap.sh e2e
    CHROMIUM=$chromium exec .venv/bin/python -m pytest $workers "$@"
fi
if [ "${CI:-}" = true ]; then
    echo "CI=true requires the browser tests. Install one first: apt-get install -y chromium" >&2
    exit 1
fi
status=0
.venv/bin/python -m pytest $workers -m "not browser" "$@" || status=$?
echo "No Chromium was found, so the browser tests were left out (apt-get install -y chromium brings them in)."
exit "$status"
