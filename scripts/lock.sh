#!/bin/sh
# Resolve the dependencies of pyproject.toml anew into the lock files that pip reads.
set -eu
cd "$(dirname "$0")/.."
.venv/bin/python -m pip install --quiet 'uv>=0.13,<0.14'
compile() {
    output=$1
    shift
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --upgrade \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate "$@" -o "$output" pyproject.toml
}
compile requirements.lock
compile requirements-report.lock --extra report
compile requirements-scrapyd.lock --extra scrapyd
compile requirements-dev.lock --extra dev
