"""When signing in is asked for."""

from __future__ import annotations

import pytest

from studio.access.rules import SignInRule, is_this_machine


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"])
def test_on_this_machine_nobody_signs_in(address):
    rule = SignInRule(mode="auto", bind_address=address)
    assert not rule.is_required("localhost:8501", frozenset({"host", "cookie"}))
    assert not rule.is_required("[::1]:8501")
    assert not rule.is_required("127.0.0.1:8501")


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "192.168.1.5", "studio.example.com"])
def test_wherever_others_can_reach_it_everybody_signs_in(address):
    assert SignInRule(mode="auto", bind_address=address).is_required("localhost:8501")


@pytest.mark.parametrize(
    ("host", "names"),
    [
        ("abc.tunnel.example", frozenset()),
        ("192.168.1.5:8501", frozenset()),
        ("localhost.evil.example", frozenset()),
        ("", frozenset()),
        ("localhost:8501", frozenset({"x-forwarded-for"})),
        ("localhost:8501", frozenset({"forwarded"})),
    ],
)
def test_a_tunnel_or_a_foreign_name_asks_too(host, names):
    assert SignInRule(mode="auto", bind_address="localhost").is_required(host, names)


def test_the_setting_decides_over_everything():
    assert SignInRule(mode="required", bind_address="localhost").is_required("localhost")
    assert not SignInRule(mode="off", bind_address="0.0.0.0").is_required("example.com")


def test_names_of_this_machine():
    assert is_this_machine("studio.localhost")
    assert not is_this_machine("localhosts")
