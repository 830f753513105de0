import json
import os

import pytest

from studio.prototypes.training_folder import Results, new_training, serving_training


def numbers(content):
    return tuple(json.loads(content))


def train(folder, name, *, form=1):
    with new_training(folder, {"format": form, "name": name}) as place:
        (place / "array").write_text(name)


def test_the_newest_training_serves_and_the_ones_before_are_gone(tmp_path):
    folder = tmp_path / "new"
    assert serving_training(folder, 1) is None
    for name in ("一", "two"):
        train(folder, name)
        place, manifest = serving_training(folder, 1)
        assert (manifest["name"], (place / "array").read_text()) == (name, name)
    assert [one for one in folder.iterdir() if one.is_dir()] == [place]


def test_a_training_that_fails_leaves_the_one_before(tmp_path):
    train(tmp_path, "first")

    def fails():
        with new_training(tmp_path, {"format": 1, "name": "second"}) as place:
            (place / "array").write_text("half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fails()
    place, manifest = serving_training(tmp_path, 1)
    assert manifest["name"] == "first"
    assert [one for one in tmp_path.iterdir() if one.is_dir()] == [place]


def test_a_training_of_another_format_is_refused(tmp_path):
    train(tmp_path, "of tomorrow", form=2)
    with pytest.raises(ValueError, match="format 2"):
        serving_training(tmp_path, 1)


def test_a_damaged_name_is_refused(tmp_path):
    train(tmp_path, "first")
    (tmp_path / "current.json").write_text("{}")
    with pytest.raises(KeyError):
        serving_training(tmp_path, 1)


def test_results_are_read_once_until_they_change(tmp_path):
    results = Results(tmp_path / "new")
    assert results.read("a.json", numbers) is None
    results.write("a.json", b"[1]")
    first = results.read("a.json", numbers)
    assert first == (1,)
    assert results.read("a.json", numbers) is first
    results.write("a.json", b"[2]")  # maybe within the same tick of the clock
    assert results.read("a.json", numbers) == (2,)
    results.remove("a.json")
    results.remove("a.json")
    assert results.read("a.json", numbers) is None


def test_another_process_may_write_a_result(tmp_path):
    results = Results(tmp_path)
    results.write("a.json", b"[1]")
    assert results.read("a.json", numbers) == (1,)
    (tmp_path / "a.json").write_bytes(b"[3]")
    os.utime(tmp_path / "a.json", ns=(1, 1))
    assert results.read("a.json", numbers) == (3,)


def test_a_damaged_result_is_as_none(tmp_path, caplog):
    results = Results(tmp_path)
    results.write("a.json", b"[1")
    assert results.read("a.json", numbers) is None
    assert "cannot be read" in caplog.text
