#!/bin/sh
# Make .venv, where it is missing, and install a lock file into it.
# Usage: [PYTHON=python3.12] scripts/venv.sh LOCKFILE
set -eu
lock=$1
python=${PYTHON:-python3}

fail() {
    echo "make: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 || fail "there is no $python; install Python 3.11 or later"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" -V) is too old; name a later one: make PYTHON=python3.11"

if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    # Debian's python3 comes without ensurepip, which a virtual environment needs to get its pip.
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
            echo "Installing $package, without which this Python can make no virtual environment"
            apt-get -qq update && apt-get -qq install -y --no-install-recommends "$package" >/dev/null ||
                fail "could not install $package; install it by hand and run make again"
        else
            fail "this Python can make no virtual environment; run: sudo apt-get install $package"
        fi
    fi
    echo "Making .venv with $("$python" -V)"
    "$python" -m venv --clear .venv || fail "could not make .venv"
fi

echo "Installing $lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$lock" ||
    fail "could not install $lock; check the network and pip's configuration, then run make again"
