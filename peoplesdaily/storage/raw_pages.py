"""Raw pages kept for later study."""

from __future__ import annotations

import json
from pathlib import Path

from scrapy.http import Response


def keep_page(folder: Path, response: Response) -> None:
    """Store a page as the server sent it: ``page.html``, and address and headers beside it.

    :raises OSError: it cannot be stored.
    """
    folder.mkdir(parents=True, exist_ok=True)
    headers = {
        name.decode("latin-1"): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    (folder / "page.html").write_bytes(response.body)
    for name, content in (("headers.json", headers), ("meta.json", {"url": response.url})):
        document = json.dumps(content, indent=2, ensure_ascii=False)
        (folder / name).write_text(document + "\n", encoding="utf-8")
