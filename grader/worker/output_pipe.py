"""What forked children of the student's process print, where no TCP socket may be made.

ipykernel collects it over a TCP socket on the loopback interface; here it goes over a unix socket.
Source: ipykernel 7.4, ``iostream.IOPubThread._setup_pipe_in`` and ``_setup_pipe_out``.
"""

from __future__ import annotations

import os
from typing import Any

import zmq
from ipykernel.iostream import IOPubThread
from zmq.eventloop.zmqstream import ZMQStream

SOCKET_NAME = "p"
LINGER_MS = 3000


def collect_over_unix_socket(folder: str) -> None:
    """Let the kernel that is started next collect its children's output in a folder.

    Args:
        folder: Where the socket is made; its path must be short.
    """
    address = f"ipc://{folder}/{SOCKET_NAME}"

    def set_up_in(thread: Any) -> None:  # noqa: ANN401  # ipykernel ships no types
        thread._pipe_uuid = os.urandom(16)
        pipe = thread.socket.context.socket(zmq.PULL)
        pipe.linger = 0
        pipe.bind(address)
        thread._pipe_in = ZMQStream(pipe, thread.io_loop)
        thread._pipe_in.on_recv(thread._handle_pipe_msg)

    def set_up_out(_: Any) -> tuple[zmq.Context[Any], Any]:  # noqa: ANN401  # ipykernel has none
        context = zmq.Context[Any]()
        pipe = context.socket(zmq.PUSH)
        pipe.linger = LINGER_MS
        pipe.connect(address)
        return context, pipe

    for name, function in (("_setup_pipe_in", set_up_in), ("_setup_pipe_out", set_up_out)):
        setattr(IOPubThread, name, function)
