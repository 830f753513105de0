from __future__ import annotations

import socket
import sys

import psutil
import pytest

from components import undelayed_sending


def is_undelayed(connection):
    return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


@pytest.mark.skipif(sys.platform == "win32", reason="does not tell its sockets")
def test_connections_to_a_listening_port_send_at_once():
    with socket.socket(socket.AF_INET) as listening:  # as Streamlit makes it
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        undelayed_sending.set_up()
        with socket.create_connection(listening.getsockname()) as client:
            accepted, _ = listening.accept()
            with accepted:
                assert is_undelayed(accepted)
            assert not is_undelayed(client)  # only what listens is changed


def test_a_system_that_does_not_tell_its_sockets_is_left_alone(monkeypatch):
    def refuse(self, kind):
        raise psutil.AccessDenied

    monkeypatch.setattr(psutil.Process, "net_connections", refuse)
    undelayed_sending.set_up()
