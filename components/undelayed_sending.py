"""Answers leave at once, however small.

Streamlit 1.67 makes its listening socket without naming TCP, and asyncio, which turns Nagle's algorithm
off for TCP, then leaves it on. The second message of every page waited 40 ms for the browser to confirm
the first one.
"""

from __future__ import annotations

import logging
import os
import socket
from contextlib import suppress

import psutil

log = logging.getLogger(__name__)


def set_up() -> None:
    """Turn the delay off at every port this process listens at; connections to come take it over.

    Where the system does not tell its sockets (Windows) nothing changes.
    """
    try:
        connections = psutil.Process().net_connections("tcp")
    except (psutil.Error, OSError) as error:
        log.info("Small answers may be delayed: %s", error)
        return
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.fd >= 0:
            with suppress(OSError), socket.socket(fileno=os.dup(connection.fd)) as listening:
                listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
