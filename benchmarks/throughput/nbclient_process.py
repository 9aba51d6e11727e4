"""Executes notebooks with nbclient, one after the other: ``nbclient_process.py FOLDER STUDENT...``.

One process, a fresh kernel for each notebook, and the graceful shutdown that is nbclient's default.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import nbformat
from nbclient import NotebookClient

CELL_TIMEOUT_S: Final = 600

if __name__ == "__main__":
    for student in sys.argv[2:]:
        folder = Path(sys.argv[1]) / student
        notebook = nbformat.read(folder / "circles.ipynb", as_version=4)
        NotebookClient(
            notebook,
            timeout=CELL_TIMEOUT_S,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
        ).execute()
        nbformat.write(notebook, folder / "executed-circles.ipynb")
