#!/bin/sh
# Install what the application and its tests need into .venv, with whatever this machine offers:
# uv on PATH, python3's own venv, uv beside the project, and as root on Debian the missing package itself.
#   sh scripts/bootstrap.sh        run time and tests
#   sh scripts/bootstrap.sh e2e    the browser tests' packages on top
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "Chưa cài được môi trường Python. Hãy chạy lệnh sau rồi chạy lại make:"
    say "    apt-get update && apt-get install -y python3 python3-venv   (thêm sudo nếu không phải root)"
    exit 1
}

find_uv() {
    for uv in "$(command -v uv || true)" .venv/bin/uv .venv.tools/bin/uv; do
        if [ -n "$uv" ] && [ -x "$uv" ]; then
            printf '%s' "$uv"
            return
        fi
    done
}

by_uv_on_path() {
    uv=$(command -v uv) && "$uv" venv --quiet --allow-existing --python "$PYTHON" .venv
}

by_venv() {
    "$PYTHON" -c 'import ensurepip' 2>/dev/null || return 1
    [ -x .venv/bin/pip ] || "$PYTHON" -m venv --clear .venv || return 1
    .venv/bin/python -m pip install --quiet --disable-pip-version-check uv || return 1
}

by_pip_target() {
    "$PYTHON" -m pip --version >/dev/null 2>&1 || return 1
    "$PYTHON" -m pip install --quiet --disable-pip-version-check --target .venv.tools uv || return 1
    .venv.tools/bin/uv venv --quiet --allow-existing --python "$PYTHON" .venv
}

by_apt() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    say "Cài python3-venv bằng apt-get …"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq python3-venv; } >/dev/null </dev/null || return 1
    by_venv
}

make_venv() {
    [ -x .venv/bin/python ] && .venv/bin/python -c '' 2>/dev/null && [ -n "$(find_uv)" ] && return
    by_uv_on_path || by_venv || by_pip_target || by_apt || fail
}

install() {
    uv=$(find_uv)
    files=$1
    # shellcheck disable=SC2086  a list of words on purpose
    "$uv" pip install --quiet --python .venv/bin/python --require-hashes $files && return
    say "uv không cài được; thử lại bằng pip …"
    # shellcheck disable=SC2086
    .venv/bin/python -m pip install --quiet --require-hashes $files || fail
}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "Cần Python 3.11 trở lên."
    fail
}
make_venv
if [ "${1:-}" = e2e ]; then
    install "-r requirements-e2e.txt"
    touch .venv/.ready-e2e
else
    say "Cài các gói Python vào .venv …"
    install "-r requirements.txt -r requirements-dev.txt"
    touch .venv/.ready
fi
