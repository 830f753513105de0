from contextlib import suppress

import pytest

from studio.errors import ModelUnavailable
from studio.inference.engines import child_conversion
from studio.inference.engines.child_conversion import made_once

MAKER = """
import pathlib, sys
source, folder = map(pathlib.Path, sys.argv[1:])
folder.mkdir()
text = source.read_text()
if text == "bad":
    raise SystemExit("the source is bad")
(folder / "result.txt").write_text(text)
source.with_suffix(".log").open("a").write("x")
"""


@pytest.fixture
def source(tmp_path, monkeypatch):
    (tmp_path / "tiny_maker.py").write_text(MAKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    source = tmp_path / "source.txt"
    source.write_text("good")
    return source


def make(source, facts="facts"):
    return made_once(source.parent / "cache", facts, "result.txt", "tiny_maker", [source])


def test_made_once_and_kept(source):
    folder = make(source)
    assert (folder / "result.txt").read_text() == "good"
    assert make(source) == folder
    assert source.with_suffix(".log").read_text() == "x"


def test_other_facts_make_another(source):
    assert make(source, "a") != make(source, "b")
    assert source.with_suffix(".log").read_text() == "xx"


def test_failure_leaves_nothing_and_says_why(source):
    source.write_text("bad")
    with pytest.raises(ModelUnavailable, match="the source is bad"):
        make(source)
    assert list((source.parent / "cache").iterdir()) == []


def test_folder_without_its_last_file_is_made_again(source):
    folder = make(source)
    (folder / "result.txt").unlink()
    assert (make(source) / "result.txt").read_text() == "good"


@pytest.mark.parametrize("text", ["good", "bad"])
def test_it_is_at_work_while_the_child_runs(source, monkeypatch, text):
    source.write_text(text)
    run, seen = child_conversion._run, []

    def watched(module, arguments):
        seen.append(child_conversion.is_at_work())
        run(module, arguments)

    monkeypatch.setattr(child_conversion, "_run", watched)
    with suppress(ModelUnavailable):
        make(source)
    assert seen == [True]
    assert not child_conversion.is_at_work()
