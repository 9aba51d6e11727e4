"""Starts the driver: ``python -m grader.worker REQUEST EVENTS_FD INPUTS_FD``."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from grader.evidence.exchange import Request
from grader.worker.channel import Channel
from grader.worker.driver import drive
from grader.worker.hardening import limit_resources, make_unreadable
from grader.worker.restriction import confine, end_descendants


def main() -> None:
    """Read the request, run it, and leave without ceremony: the sandbox goes with this process."""
    request = Request.model_validate_json(Path(sys.argv[1]).read_bytes())
    make_unreadable()
    limit_resources(request.limits, has_own_user=request.has_own_user)
    confine(request.restriction)
    channel = Channel.over(events_fd=int(sys.argv[2]), inputs_fd=int(sys.argv[3]))
    try:
        asyncio.run(drive(request, channel))
    finally:
        if request.restriction.adopts_orphans:
            end_descendants()
    os._exit(0)


if __name__ == "__main__":
    main()
