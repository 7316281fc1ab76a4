"""``scrapy`` that is signalled at a moment: ``python signal_at.py SIGINT MOMENT crawl world …``.

A moment is a module that is about to be imported, or ``module:Class.method``, about to be called
for the first time.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
from pathlib import Path
from typing import Any


def _signal(name: str) -> None:
    os.kill(os.getpid(), signal.Signals[name])


class _Watch:
    """A finder that finds nothing and sees what is looked for."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def find_spec(self, module: str, *other: Any) -> None:
        if module == self.module:
            sys.meta_path.remove(self)  # type: ignore[arg-type]
            _signal(self.name)


def _wrap(module: str, path: str, name: str) -> None:
    *owners, last = path.split(".")
    owner = functools.reduce(getattr, owners, importlib.import_module(module))
    plain = vars(owner)[last]
    inner = getattr(plain, "__func__", plain)
    waiting = [name]

    @functools.wraps(inner)
    def signalling(*args: Any, **kwargs: Any) -> Any:
        if waiting:
            _signal(waiting.pop())
        return inner(*args, **kwargs)

    setattr(owner, last, type(plain)(signalling) if isinstance(plain, classmethod) else signalling)


def main() -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    _, name, moment, *arguments = sys.argv
    sys.argv = ["scrapy", *arguments]
    module, _, path = moment.partition(":")
    if path:
        _wrap(module, path, name)
    else:
        sys.meta_path.insert(0, _Watch(module, name))  # type: ignore[arg-type]

    from scrapy.cmdline import execute

    execute()


if __name__ == "__main__":
    main()
