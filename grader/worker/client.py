"""An nbclient that caps what a cell may print and reports errors instead of raising them."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode

from grader.evidence import CellError, Limits

ERROR_KIB = 64
TRACEBACK_LINES = 100
SAVE_EVERY_S = 1.0
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_LINE = re.compile(r"(?:Cell In\[\d+\], line|<cell line:) (\d+)")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{6,}")
_SHOWING = ("stream", "display_data", "execute_result", "update_display_data", "error")
_CLEAN_EXIT = ("", "0", "None")


class CappedClient(NotebookClient):
    """Runs cells one by one; see :meth:`run_cell`."""

    @classmethod
    def around(
        cls, notebook: NotebookNode, manager: AsyncKernelManager, *, folder: Path
    ) -> CappedClient:
        """Make a client for a notebook and a kernel manager that has not been started."""
        client = cls(
            notebook,
            km=manager,
            timeout=None,
            startup_timeout=120,
            iopub_timeout=10,
            allow_errors=True,
            store_widget_state=False,
            record_timing=False,
            skip_cells_with_tag="",
            resources={"metadata": {"path": str(folder)}},
        )
        client._prepare()
        return client

    def _prepare(self) -> None:
        self._limits = Limits()
        self._bytes_of_cell: dict[int, int] = {}
        self._number_of_index: dict[int, int] = {}
        self._shortened: set[int] = set()
        self._reply: dict[str, Any] = {}
        self._saved_at = time.monotonic()
        self.on_cell_executed = self._keep_reply

    def _keep_reply(self, *, execute_reply: dict[str, Any], **_: object) -> None:
        self._reply = execute_reply.get("content") or {}

    async def run_cell(self, cell: NotebookNode, index: int) -> CellError | None:
        """Run one code cell.

        Returns:
            Why it failed, or ``None``.

        Raises:
            DeadKernelError: The student's process ended.
        """
        self._reply = {}
        self._number_of_index[index] = len(self._number_of_index) + 1
        try:
            await self.async_execute_cell(cell, index)
        finally:
            _join_streams(cell)
        return _error_of(self._reply, cell.source)

    async def call(self, expression: str) -> None:
        """Evaluate one of our own expressions, silently; nothing it prints is kept.

        Raises:
            DeadKernelError: The student's process ended.
        """
        client: Any = self.kc
        request = client.execute(expression, silent=True, store_history=False)
        await self.async_wait_for_reply(request)

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Drop what a cell prints beyond the cap; let everything else through."""
        content = msg["content"]
        if msg["msg_type"] == "error":
            content = _short_error(content)
            if content != msg["content"]:
                self._shortened.add(cell_index)
                msg = {**msg, "content": content}
        if msg["msg_type"] in _SHOWING:
            used = self._bytes_of_cell.get(cell_index, 0) + _size(content)
            self._bytes_of_cell[cell_index] = used
            if used > self._limits.cell_output_mib << 20 or self._is_full():
                return None
        return super().process_message(msg, cell, cell_index)

    def cap(self, limits: Limits) -> None:
        """Set what is kept of outputs."""
        self._limits = limits

    def _is_full(self) -> bool:
        return self._kept_before(len(self.nb.cells)) > self._limits.output_mib << 20

    def _kept_before(self, index: int) -> int:
        """Bytes kept of the cells before one: what a flood lost is not held against the others."""
        most = self._limits.cell_output_mib << 20
        return sum(min(size, most) for at, size in self._bytes_of_cell.items() if at < index)

    def printed(self, number: int) -> tuple[str, str]:
        """What a code cell printed as text, and which limit dropped part of it, if one did."""
        for index, this in self._number_of_index.items():
            if this == number:
                outputs = self.nb.cells[index].get("outputs", [])
                text = "".join(o.get("text", "") for o in outputs if o.output_type == "stream")
                return text, self._cut(index)
        return "", ""

    def _cut(self, index: int) -> str:
        used = self._bytes_of_cell.get(index, 0)
        if used > self._limits.cell_output_mib << 20:
            return f"the {self._limits.cell_output_mib} MiB that are kept of one cell"
        if used and self._kept_before(index) + used > self._limits.output_mib << 20:
            return f"the {self._limits.output_mib} MiB that are kept of all cells"
        if index in self._shortened:
            return f"the {ERROR_KIB} KiB that are kept of an error message"
        return ""

    def is_time_to_save(self) -> bool:
        """Whether the notebook should be written again, so that a killed run leaves a trace."""
        if time.monotonic() - self._saved_at < SAVE_EVERY_S:
            return False
        self._saved_at = time.monotonic()
        return True

    def exit_code(self) -> int | None:
        """Exit status of the student's process, negative for a signal; ``None`` if unknown."""
        manager: Any = self.km
        process = getattr(manager.provisioner, "process", None)
        code = process.poll() if process is not None else None
        return code if isinstance(code, int) else None


def _size(content: dict[str, Any]) -> int:
    if "text" in content:
        return len(str(content["text"]))
    if "traceback" in content:
        return sum(len(str(part)) for part in (content.get("evalue"), *content["traceback"]))
    data = content.get("data")
    return sum(len(str(part)) for part in data.values()) if isinstance(data, dict) else 0


def _short_error(content: dict[str, Any]) -> dict[str, Any]:
    """Cut an error message and its traceback to what a person could read."""
    lines = content.get("traceback")
    lines = [str(line) for line in lines] if isinstance(lines, list) else []
    if len(lines) > TRACEBACK_LINES:
        half = TRACEBACK_LINES // 2
        lines = [*lines[:half], "…", *lines[-half:]]
    each = (ERROR_KIB << 10) // max(1, len(lines))
    return {
        "ename": str(content.get("ename", ""))[:1000],
        "evalue": str(content.get("evalue", ""))[: ERROR_KIB << 10],
        "traceback": [line[: max(each, 1000)] for line in lines],
    }


def _join_streams(cell: NotebookNode) -> None:
    """Join text that arrived in pieces: where it is cut depends on the machine's load."""
    joined: list[NotebookNode] = []
    for output in cell.get("outputs", ()):
        last = joined[-1] if joined else None
        if (
            last is not None
            and last.output_type == output.output_type == "stream"
            and last.name == output.name
        ):
            last.text += output.text
        else:
            joined.append(output)
    cell.outputs = joined


def _error_of(reply: dict[str, Any], source: str) -> CellError | None:
    if reply.get("status") != "error":
        return None
    name = str(reply.get("ename", "Error"))[:100]
    message = _clean(str(reply.get("evalue", "")))
    if name == "SystemExit" and message in _CLEAN_EXIT:
        return None
    line = _line_of(reply)
    lines = source.splitlines()
    source_line = lines[line - 1].strip() if line and line <= len(lines) else ""
    missing = re.match(r"name '([^']+)' is not defined", message) if name == "NameError" else None
    return CellError(
        name=name,
        message=message[:500],
        line=line,
        source_line=source_line[:200],
        missing_name=missing.group(1)[:100] if missing else "",
    )


def _line_of(reply: dict[str, Any]) -> int | None:
    text = _ANSI.sub("", "\n".join(str(part) for part in reply.get("traceback") or ()))
    found = _LINE.search(text)
    return int(found.group(1)) if found else None


def _clean(text: str) -> str:
    """Make a message the same in every run: no addresses, no colours."""
    return _ADDRESS.sub("0x…", _ANSI.sub("", text))
