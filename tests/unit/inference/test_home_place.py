"""Models that lie in the studio's folder are kept without the place of that folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from studio.inference.home_place import MARK, found_at, kept_for
from studio.inference.model_spec import ModelSpec
from studio.records import Task

SPEC = ModelSpec(id="m", name="M", task=Task.EMBEDDING, source="folder", location="")


def test_what_lies_below_the_home_is_kept_by_a_mark_and_found_again(tmp_path: Path) -> None:
    spec = replace(SPEC, location=str(tmp_path / "tuned" / "a" / "model"))
    kept = kept_for(spec, tmp_path)
    assert kept.location == f"{MARK}tuned/a/model"
    assert kept_for(kept, tmp_path) == kept
    assert found_at(kept, tmp_path) == spec


def test_what_lies_elsewhere_and_what_is_no_file_stays_as_it_is(tmp_path: Path) -> None:
    elsewhere = replace(SPEC, location="/models/mine")
    hub = replace(SPEC, source="hub", location="owner/tuned")
    for spec in (elsewhere, hub):
        assert kept_for(spec, tmp_path) == spec
        assert found_at(spec, tmp_path) == spec


def test_a_whole_path_that_is_gone_is_looked_for_by_its_end(tmp_path: Path) -> None:
    file = tmp_path / "tuned" / "a" / "Q8_0.gguf"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"GGUF")
    spec = replace(SPEC, source="gguf", location="/old/home/tuned/a/Q8_0.gguf")
    assert found_at(spec, tmp_path).location == str(file)
    gone = replace(SPEC, source="gguf", location="/old/home/tuned/b/Q8_0.gguf")
    assert found_at(gone, tmp_path) == gone
