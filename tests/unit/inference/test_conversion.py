from __future__ import annotations

import numpy as np
import pytest

from studio.errors import Cancelled, ModelUnavailable
from studio.inference.conversion import f16_bytes, is_f16, open_gguf, write_f16
from studio.inference.fetching import Watch
from tests.unit.inference.gguf_files import read_gguf, write_gguf


@pytest.mark.parametrize("kind", ["Q4_1", "Q4_0", "Q8_0", "BF16", "F32", "F16"])
def test_f16_file_holds_the_decompressed_values(tmp_path, kind):
    from gguf.quants import dequantize

    source, target = tmp_path / "a.gguf", tmp_path / "b.gguf"
    write_gguf(source, kind=kind)
    write_f16(open_gguf(source), target, "Tiny", Watch())
    before = {t.name: t for t in read_gguf(source).tensors}
    after = read_gguf(target).tensors
    assert [t.name for t in after] == list(before)
    for tensor in after:
        old = before[tensor.name]
        expected = dequantize(old.data, old.tensor_type)
        is_vector = tensor.data.ndim == 1
        assert tensor.data.dtype == (np.float32 if is_vector else np.float16)
        assert list(tensor.shape) == list(old.shape)
        np.testing.assert_array_equal(tensor.data, expected.astype(tensor.data.dtype))


def test_f16_values_are_those_that_were_written(tmp_path):
    values = write_gguf(tmp_path / "a.gguf", kind="Q8_0")
    write_f16(open_gguf(tmp_path / "a.gguf"), tmp_path / "b.gguf", "Tiny", Watch())
    for tensor in read_gguf(tmp_path / "b.gguf").tensors:
        np.testing.assert_allclose(tensor.data, values[tensor.name], atol=0.03)


def test_metadata_stays_but_for_the_file_type(tmp_path):
    write_gguf(tmp_path / "a.gguf")
    write_f16(open_gguf(tmp_path / "a.gguf"), tmp_path / "b.gguf", "Tiny", Watch())
    old, new = read_gguf(tmp_path / "a.gguf").fields, read_gguf(tmp_path / "b.gguf").fields
    assert set(old) == set(new)
    for key in set(old) - {"general.file_type"}:
        assert new[key].types == old[key].types, key
        assert new[key].contents() == old[key].contents(), key
    assert (old["general.file_type"].contents(), new["general.file_type"].contents()) == (3, 1)


def test_size_is_foretold_with_little_to_spare(tmp_path):
    write_gguf(tmp_path / "a.gguf")
    foretold = f16_bytes(open_gguf(tmp_path / "a.gguf"))
    write_f16(open_gguf(tmp_path / "a.gguf"), tmp_path / "b.gguf", "Tiny", Watch())
    actual = (tmp_path / "b.gguf").stat().st_size
    assert actual <= foretold <= actual + 1024


def test_is_f16_tells_files_that_need_no_conversion(tmp_path):
    for kind in ("F16", "F32", "Q4_1"):
        write_gguf(tmp_path / f"{kind}.gguf", kind=kind)
    assert is_f16(open_gguf(tmp_path / "F16.gguf"))
    assert not is_f16(open_gguf(tmp_path / "F32.gguf"))
    assert not is_f16(open_gguf(tmp_path / "Q4_1.gguf"))


def test_progress_counts_the_tensors(tmp_path):
    write_gguf(tmp_path / "a.gguf")
    seen = []
    write_f16(open_gguf(tmp_path / "a.gguf"), tmp_path / "b.gguf", "Tiny", Watch(seen.append))
    assert str(seen[0].notice) == "Preparing Tiny"
    assert (seen[0].done, seen[-1].done, seen[-1].total, seen[-1].unit) == (0, 3, 3, "tensors")


def test_conversion_stops_when_asked(tmp_path):
    write_gguf(tmp_path / "a.gguf")
    answers = iter([False, False, True])
    with pytest.raises(Cancelled):
        write_f16(
            open_gguf(tmp_path / "a.gguf"),
            tmp_path / "b.gguf",
            "T",
            Watch(cancelled=lambda: next(answers)),
        )


def _cut(file, n_bytes):
    file.write_bytes(file.read_bytes()[:n_bytes])


def test_what_is_no_whole_gguf_file_is_refused_in_plain_words(tmp_path):
    whole = tmp_path / "a.gguf"
    write_gguf(whole)
    _cut(whole, whole.stat().st_size - 600)
    (tmp_path / "text.gguf").write_text("hello")
    (tmp_path / "empty.gguf").write_bytes(b"")
    (tmp_path / "magic.gguf").write_bytes(b"GGUF")
    for name in ("a.gguf", "text.gguf", "empty.gguf", "magic.gguf", "missing.gguf"):
        with pytest.raises(ModelUnavailable, match=name):
            open_gguf(tmp_path / name)


def test_a_gguf_cut_anywhere_in_its_header_is_refused(tmp_path):
    write_gguf(tmp_path / "a.gguf")
    data = (tmp_path / "a.gguf").read_bytes()
    for n_bytes in range(4, 700, 7):
        (tmp_path / "b.gguf").write_bytes(data[:n_bytes])
        with pytest.raises(ModelUnavailable, match="damaged or incomplete|no model"):
            open_gguf(tmp_path / "b.gguf")


def test_a_compression_that_cannot_be_undone_is_named(tmp_path, monkeypatch):
    write_gguf(tmp_path / "a.gguf")

    def refuse(data, kind):
        raise NotImplementedError

    monkeypatch.setattr("gguf.quants.dequantize", refuse)
    with pytest.raises(ModelUnavailable, match="compressed as Q4_1"):
        write_f16(open_gguf(tmp_path / "a.gguf"), tmp_path / "b.gguf", "Tiny", Watch())
