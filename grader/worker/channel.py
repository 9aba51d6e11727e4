"""The driver's line to the supervisor: events out, hidden inputs in."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import BinaryIO

from grader.evidence.exchange import LENGTH_BYTES, Event, EventKind

STANDARD_INPUT, STANDARD_OUTPUT, STANDARD_ERROR = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Channel:
    """Two descriptors that no child process inherits.

    They are not the standard streams: bubblewrap keeps those open in processes of its own, where
    the student's process, being the same user, could open them through ``/proc``. A container gives
    us no others; there the worker is the first process, cannot be looked into, and puts others in
    their place.

    Attributes:
        events: Where events go.
        inputs: Where hidden inputs come from.
    """

    events: BinaryIO
    inputs: BinaryIO

    @classmethod
    def over(cls, *, events_fd: int, inputs_fd: int) -> Channel:
        """Take over two inherited descriptors and keep them from being inherited again."""
        if inputs_fd == STANDARD_INPUT:
            inputs_fd, events_fd = os.dup(inputs_fd), os.dup(events_fd)
            nothing = os.open(os.devnull, os.O_RDONLY)
            os.dup2(nothing, STANDARD_INPUT)
            os.dup2(STANDARD_ERROR, STANDARD_OUTPUT)
            os.close(nothing)
        os.set_inheritable(events_fd, False)
        os.set_inheritable(inputs_fd, False)
        return cls(
            events=os.fdopen(events_fd, "wb", buffering=0), inputs=os.fdopen(inputs_fd, "rb")
        )

    def say(
        self, kind: EventKind, *, cell: int | None = None, exit_code: int | None = None
    ) -> None:
        """Send one event."""
        event = Event(kind=kind, cell=cell, exit_code=exit_code)
        self.events.write(event.model_dump_json().encode() + b"\n")

    def receive(self) -> bytes:
        """Wait for the hidden inputs.

        Returns:
            The bytes of an ``.npz``; empty where the supervisor hung up.
        """
        header = self.inputs.read(LENGTH_BYTES)
        if len(header) < LENGTH_BYTES:
            return b""
        length = int.from_bytes(header, "big")
        return self.inputs.read(length)
