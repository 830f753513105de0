"""API keys are unreadable on the disk, and a lost key file costs only them."""

from __future__ import annotations

import logging
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from studio.errors import InvalidInput, StudioError
from studio.workspace.secrets import SecretStore

KEY = "sk-very-secret"


@pytest.fixture
def store(tmp_path):
    return SecretStore(tmp_path)


def test_secrets_are_set_read_listed_and_deleted(store, tmp_path):
    assert (store.get("openai"), store.names()) == (None, ())
    store.set("openai", "first")
    store.set("openai", f" {KEY}\n")
    store.set("通义/../千问", "其他")
    assert (store.get("openai"), store.get("通义/../千问")) == (KEY, "其他")
    assert SecretStore(tmp_path).names() == ("openai", "通义/../千问")
    store.delete("openai")
    store.delete("openai")
    assert (store.get("openai"), store.names()) == (None, ("通义/../千问",))


def test_nothing_readable_lies_on_the_disk_or_in_the_log(store, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    store.set("openai", KEY)
    store.get("openai")
    (tmp_path / "secret.key").unlink()
    with pytest.raises(StudioError) as caught:
        store.get("openai")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert KEY not in caplog.text + repr(store) + str(vars(store)) + repr(caught.value)


def test_the_key_file_is_only_its_owners(store, tmp_path):
    store.set("openai", KEY)
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("damage", ["lost", "other", "damaged"])
def test_without_its_key_file_a_secret_is_asked_for_again(store, tmp_path, damage):
    store.set("openai", KEY)
    store.set("mistral", KEY)
    key_file = tmp_path / "secret.key"
    if damage == "other":
        other = SecretStore(tmp_path / "other")
        (tmp_path / "other").mkdir()
        other.set("x", "y")
        key_file.write_bytes((tmp_path / "other" / "secret.key").read_bytes())
    elif damage == "damaged":
        key_file.write_bytes(b"damaged")
    else:
        key_file.unlink()
    with pytest.raises(
        StudioError, match="Enter the API key again; nothing else is lost"
    ) as caught:
        store.get("openai")
    assert caught.value.__cause__ is None
    assert store.names() == ("mistral", "openai")
    store.set("openai", "sk-new")
    assert store.get("openai") == "sk-new"
    with pytest.raises(StudioError):
        store.get("mistral")
    if damage == "damaged":
        assert (tmp_path / "secret.key.damaged").read_bytes() == b"damaged"


def test_a_damaged_secret_is_asked_for_again(store, tmp_path):
    store.set("openai", KEY)
    (path,) = (tmp_path / "secrets").iterdir()
    path.write_text("{}")
    with pytest.raises(StudioError, match="Enter the API key again"):
        store.get("openai")


@pytest.mark.parametrize(("name", "value"), [("", KEY), ("openai", ""), ("openai", "  ")])
def test_empty_secrets_are_refused(store, name, value):
    with pytest.raises(InvalidInput, match="empty"):
        store.set(name, value)
    assert store.names() == ()


def test_threads_and_stores_that_start_at_once_share_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: SecretStore(tmp_path).set(f"s{n}", f"v{n}"), range(16)))
    store = SecretStore(tmp_path)
    assert [store.get(f"s{n}") for n in range(16)] == [f"v{n}" for n in range(16)]


def test_a_file_system_without_links_works_too(store, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("studio.workspace.secrets.os.link", refuse)
    store.set("openai", KEY)
    assert store.get("openai") == KEY


def test_a_folder_in_the_way_is_said_plainly(tmp_path):
    (tmp_path / "secrets").write_text("in the way")
    with pytest.raises(StudioError, match="cannot be used"):
        SecretStore(tmp_path).set("openai", KEY)
