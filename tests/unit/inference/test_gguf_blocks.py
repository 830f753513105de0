import numpy as np
import pytest

from studio.inference.gguf_blocks import take_apart

KINDS = ["Q4_0", "Q4_1", "Q8_0", "Q4_K", "Q6_K"]


def random_rows(kind: str, n_rows: int = 5, n_blocks: int = 3):
    """Random bytes are valid blocks, once their 16-bit floats are finite."""
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    _, n_bytes = GGML_QUANT_SIZES[GGMLQuantizationType[kind]]
    rng = np.random.default_rng(3)
    data = rng.integers(0, 256, (n_rows, n_blocks, n_bytes)).astype(np.uint8)
    halves = {"Q4_0": (0,), "Q4_1": (0, 2), "Q8_0": (0,), "Q4_K": (0, 2), "Q6_K": (208,)}[kind]
    for at in halves:
        value = rng.normal(size=(n_rows, n_blocks)).astype(np.float16)
        data[..., at : at + 2] = value[..., None].view(np.uint8)
    return data.reshape(n_rows, -1)


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_are_the_weights_that_gguf_reads(kind):
    from gguf import GGMLQuantizationType
    from gguf.quants import dequantize

    data = random_rows(kind)
    blocks = take_apart(data, kind)
    expected = dequantize(data, GGMLQuantizationType[kind])
    zero = 0.0 if blocks.zero is None else blocks.zero
    weights = ((blocks.integers - zero) * blocks.scale).reshape(expected.shape)
    np.testing.assert_allclose(weights, expected, rtol=1e-6, atol=1e-5)
    assert blocks.integers.max() < 2**blocks.n_bits
    assert blocks.scale.dtype == np.float32


def test_rows_keep_their_scales():
    data = random_rows("Q4_1")
    wanted = np.array([3, 0])
    blocks, of_rows = take_apart(data, "Q4_1").rows(wanted), take_apart(data[wanted], "Q4_1")
    np.testing.assert_array_equal(blocks.integers, of_rows.integers)
    np.testing.assert_array_equal(blocks.scale, of_rows.scale)
    np.testing.assert_array_equal(blocks.zero, of_rows.zero)


def test_block_without_scale_is_its_offset():
    data = random_rows("Q4_1", 1, 1)
    data[0, :2] = 0
    data[0, 2:4] = np.array([1.5], np.float16).view(np.uint8)
    blocks = take_apart(data, "Q4_1")
    np.testing.assert_array_equal((blocks.integers - blocks.zero) * blocks.scale, 1.5)


def test_kinds_that_are_no_such_blocks_are_left_alone():
    assert take_apart(np.zeros((2, 64), np.uint8), "F16") is None
    assert take_apart(np.zeros((2, 64), np.uint8), "IQ4_NL") is None
