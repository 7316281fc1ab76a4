"""``scrapy`` that kills itself at its n-th step: ``python dying.py N crawl world …``.

A step is whatever another process, or the next run, could see: a flush, a rename, a removal, a
lock, a line written, the beginning and the end of a transaction. With 0 it lives, and says at its
end how many steps there were.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

_last = int(sys.argv.pop(1))
_taken = 0


def _step() -> None:
    global _taken
    _taken += 1
    if _taken == _last:
        os.kill(os.getpid(), signal.SIGKILL)


def _around(owner: Any, name: str) -> None:
    plain = getattr(owner, name)

    def stepping(*args: Any, **kwargs: Any) -> Any:
        _step()
        result = plain(*args, **kwargs)
        _step()
        return result

    setattr(owner, name, stepping)


def main() -> None:
    from scrapy.cmdline import execute

    from peoplesdaily.storage.index import Index
    from peoplesdaily.utils.atomic_files import PartFile

    plain = Index.transaction

    @contextlib.contextmanager
    def transaction(self: Index) -> Iterator[Any]:
        _step()
        with plain(self) as change:
            yield change
        _step()

    Index.transaction = transaction  # type: ignore[method-assign]
    for name in ("fsync", "replace", "rename", "unlink"):
        _around(os, name)
    _around(fcntl, "flock")
    _around(PartFile, "write")
    atexit.register(lambda: print(f"steps: {_taken}", file=sys.stderr))
    sys.argv[0] = "scrapy"
    execute()


if __name__ == "__main__":
    main()
