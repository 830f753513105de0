"""Keys are shown once, kept as a hash, changed, revoked, and touched once a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from studio.errors import InvalidInput, NotFound, StudioError
from studio.workspace.api_key_record import KeyGrants
from studio.workspace.key_weights import KeyWeights
from studio.workspace.store import Workspace

GRANTS = KeyGrants(
    publications=("abc",),
    opens_models=True,
    requests_per_minute=5,
    tokens_per_day=1000,
    usd_per_day=Decimal("0.5000"),
    weight=3,
    max_at_once=4,
)


def test_a_key_comes_back_as_it_was_made(workspace):
    made = workspace.api_keys.create("  Acme  ", GRANTS)
    assert made.secret.startswith("ps_")
    assert len(made.secret) == 46  # 32 random bytes in base64
    assert made.record.name == "Acme"
    assert made.record.grants == GRANTS
    assert workspace.api_keys.find(made.secret) == made.record
    assert workspace.api_keys.get(made.record.id) == made.record
    assert made.record.account == f"key:{made.record.id}"
    assert made.secret.startswith(made.record.prefix)
    assert made.secret not in repr(made)


@pytest.mark.parametrize("workspace_url", ["sqlite"], indirect=True)
def test_a_key_is_not_stored(workspace, tmp_path):
    made = workspace.api_keys.create("Acme", GRANTS)
    workspace.close()
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("workspace.db*"))
    assert made.record.prefix.encode() in stored
    assert made.secret.encode() not in stored


def test_two_keys_are_never_alike(workspace):
    assert len({workspace.api_keys.create("Acme").secret for _ in range(20)}) == 20


@pytest.mark.parametrize("wrong", ["", "ps_", "ps_" + "a" * 43, "\ud800", "key\0"])
def test_a_wrong_key_is_nobodys(workspace, wrong):
    workspace.api_keys.create("Acme")
    assert workspace.api_keys.find(wrong) is None


def test_a_revoked_key_is_nobodys_and_stays_in_the_list(workspace):
    kept, gone = workspace.api_keys.create("Kept"), workspace.api_keys.create("Gone")
    revoked = workspace.api_keys.revoke(gone.record.id)
    assert revoked.revoked_at is not None
    assert workspace.api_keys.find(gone.secret) is None
    assert workspace.api_keys.find(kept.secret) is not None
    assert [key.name for key in workspace.api_keys.list()] == ["Gone", "Kept"]
    assert [key.name for key in workspace.api_keys.list(include_revoked=False)] == ["Kept"]
    assert workspace.api_keys.revoke(gone.record.id).revoked_at == revoked.revoked_at


def test_grants_and_name_are_changed_and_the_key_stays(workspace):
    made = workspace.api_keys.create("Acme")
    assert made.record.grants == KeyGrants()
    changed = workspace.api_keys.update(made.record.id, name="Acme Ltd", grants=GRANTS)
    assert (changed.name, changed.grants) == ("Acme Ltd", GRANTS)
    assert workspace.api_keys.find(made.secret) == changed
    with pytest.raises(NotFound, match="no API key"):
        workspace.api_keys.update("nothing", name="x")
    with pytest.raises(InvalidInput, match="name is empty"):
        workspace.api_keys.create(" ")


def test_use_is_noted_once_a_minute(tmp_path):
    now = datetime(2026, 3, 1, tzinfo=UTC)
    workspace = Workspace(f"sqlite:///{tmp_path / 'w.db'}", tmp_path / "files", lambda: now)
    made = workspace.api_keys.create("Acme")
    keys = workspace.api_keys
    keys.touch(made.record)
    first = keys.find(made.secret)
    assert first.last_used_at == now
    now += timedelta(seconds=59)
    keys.touch(first)
    assert keys.find(made.secret).last_used_at == first.last_used_at
    now += timedelta(seconds=1)
    keys.touch(first)
    assert keys.find(made.secret).last_used_at == now
    workspace.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("requests_per_minute", 0),
        ("tokens_per_day", -1),
        ("max_at_once", 0),
        ("weight", 0),
        ("weight", 101),
        ("usd_per_day", Decimal(-1)),
        ("usd_per_day", Decimal("NaN")),
    ],
)
def test_limits_have_ranges(field, value):
    with pytest.raises(InvalidInput) as caught:
        KeyGrants(**{field: value})
    assert field in caught.value.fields


def test_a_key_opens_what_it_names_or_everything():
    assert KeyGrants().opens("abc")
    assert GRANTS.opens("abc")
    assert not GRANTS.opens("abd")
    assert not KeyGrants(publications=()).opens("abc")


def test_the_weight_of_a_key_is_known_within_seconds_and_outlives_a_failure(workspace, monkeypatch):
    now_s = [0.0]
    weights = KeyWeights(workspace.api_keys, lambda: now_s[0])
    key = workspace.api_keys.create("Acme", KeyGrants(weight=3)).record
    assert weights.of(key.account) == 3
    assert weights.of("demo:x:y") == weights.of("") == weights.of("key:gone") == 1
    workspace.api_keys.update(key.id, grants=KeyGrants(weight=5))
    assert weights.of(key.account) == 3
    now_s[0] = 6
    assert weights.of(key.account) == 5

    def fail(**_):
        raise StudioError("The disk is gone.")

    monkeypatch.setattr(workspace.api_keys, "list", fail)
    now_s[0] = 12
    assert weights.of(key.account) == 5
