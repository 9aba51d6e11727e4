"""Makes what students hand in: notebooks as JSON, zip archives in memory, folders on disk."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Content = str | bytes


def code(source: str | list[Any], **more: object) -> dict[str, Any]:
    cell = {"cell_type": "code", "metadata": {}, "source": source}
    return cell | {"execution_count": None, "outputs": []} | more


def notebook(*cells: dict[str, Any] | str, **top: object) -> str:
    """A notebook of format 4 with these cells; ``top`` replaces keys at the top."""
    written = [code(cell) if isinstance(cell, str) else cell for cell in cells]
    whole = {"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(whole | top)


def zipped(entries: Mapping[str | zipfile.ZipInfo, Content]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content, compress_type=zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def laid_out(root: Path, files: Mapping[str, Content]) -> Path:
    """Write files below a folder; a name that ends in a slash makes an empty folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def sources(text: str) -> list[str]:
    """Sources of the code cells of a normalised notebook."""
    return [cell["source"] for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
