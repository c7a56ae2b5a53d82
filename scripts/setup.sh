#!/bin/sh
# Make .venv: a Python of at least 3.12, the tested version of every dependency, and mixcurve itself.
# Needs a POSIX shell and some Python 3 with venv, or uv. A second run finds its own stamp and does nothing.
set -eu
cd "$(dirname "$0")/.."

PINS=pins/environment.txt
WANTED='3.13 3.12 3.14'
PYTHON=.venv/bin/python
STAMP=.venv/mixcurve-setup
UV=
QUIET=--quiet
if [ -t 2 ]; then QUIET=; fi

say() { printf 'setup: %s\n' "$*" >&2; }

fail() {
    say "$1"
    shift
    for line; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# What the environment follows from. The folder belongs to it: a clone that was moved is set up again.
fingerprint() { { cat "$PINS" pins/uv.txt pyproject.toml scripts/setup.sh; pwd -P; } | cksum; }

has_code() { "$1" -c "import sys; $2" >/dev/null 2>&1; }

is_recent() { has_code "$1" 'sys.exit(not (3, 12) <= sys.version_info < (3, 15))'; }

# Every Python worth asking, one a line. Under pyenv a bare python3 may be a shim for a version that is absent.
candidates() {
    for version in $WANTED; do
        command -v "python$version" || true
        for home in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*; do
            if [ -x "$home/bin/python" ]; then printf '%s\n' "$home/bin/python"; fi
        done
    done
    for name in python3 python /usr/bin/python3 /usr/local/bin/python3; do
        command -v "$name" || true
    done
    ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python 2>/dev/null || true
}

# The first candidate that passes the named test, or nothing.
first_python() {
    candidates | while IFS= read -r candidate; do
        if "$1" "$candidate"; then
            printf '%s\n' "$candidate"
            break
        fi
    done
}

# ensurepip is what Debian and Ubuntu leave out when the venv package is not installed.
has_venv() { has_code "$1" 'import venv, ensurepip; sys.exit(sys.version_info < (3, 8))'; }

is_recent_with_venv() { is_recent "$1" && has_venv "$1"; }

works() { "$1" --version >/dev/null 2>&1; }

# uv from the PATH, else our own in .tools, else brought into .tools by any Python 3.
find_uv() {
    if works uv; then
        UV=uv
    elif works .tools/uv/bin/uv; then
        UV=.tools/uv/bin/uv
    else
        bring_uv
    fi
}

bring_uv() {
    helper=$(first_python has_venv)
    if [ -z "$helper" ]; then
        say "no uv, and no Python 3 with venv to bring it."
        return
    fi
    say "bringing uv into .tools with $helper"
    rm -rf .tools/uv
    if "$helper" -m venv .tools/uv >&2 && .tools/uv/bin/python -m pip install --quiet -r pins/uv.txt >&2; then
        UV=.tools/uv/bin/uv
    else
        say "uv could not be brought; trying pip alone."
    fi
}

# A Python that is here already comes first; only then does uv fetch one.
make_venv_with_uv() {
    found=$(first_python is_recent)
    if [ -n "$found" ]; then
        "$UV" venv $QUIET --python "$found" .venv && return
    fi
    for version in $WANTED; do
        "$UV" venv $QUIET --no-python-downloads --python "$version" .venv 2>/dev/null && return
    done
    say "no Python of at least 3.12 here; uv fetches one"
    "$UV" venv $QUIET --python 3.13 .venv
}

install_with_uv() {
    if ! is_recent "$PYTHON"; then
        rm -rf .venv
        make_venv_with_uv || return 1
    fi
    say "installing the tested versions of $PINS with uv"
    "$UV" pip install $QUIET --python "$PYTHON" -r "$PINS" &&
        "$UV" pip install $QUIET --python "$PYTHON" --no-deps --no-build-isolation -e .
}

install_with_pip() {
    if ! is_recent "$PYTHON"; then
        recent=$(first_python is_recent_with_venv)
        if [ -z "$recent" ]; then
            say "without uv, pip needs a Python of at least 3.12 with venv, and there is none here."
            return 1
        fi
        rm -rf .venv
        "$recent" -m venv .venv || return 1
    fi
    if ! has_code "$PYTHON" 'import pip'; then
        "$PYTHON" -m ensurepip >/dev/null || return 1
    fi
    say "installing the tested versions of $PINS with pip"
    "$PYTHON" -m pip install $QUIET -r "$PINS" &&
        "$PYTHON" -m pip install $QUIET --no-deps --no-build-isolation -e .
}

if [ -x "$PYTHON" ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$(fingerprint)" ]; then
    exit 0
fi
rm -f "$STAMP"
find_uv
if [ -z "$UV" ] || ! install_with_uv; then
    if [ -n "$UV" ]; then say "uv could not set up .venv (its message is above); trying pip alone."; fi
    install_with_pip || fail "could not set up .venv; the messages above say why. What helps:" \
        "- Debian, Ubuntu: apt-get install python3-venv, which brings what 'python3 -m venv' needs;" \
        "- behind a mirror or a proxy: UV_DEFAULT_INDEX for uv, PIP_INDEX_URL for pip, HTTPS_PROXY for both;" \
        "- no Python of at least 3.12: install one, or let uv reach the net to fetch one;" \
        "- then run the same command again."
fi
fingerprint >"$STAMP"
say "done: .venv is ready"
