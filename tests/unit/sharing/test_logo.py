"""A logo is written anew, small, without what the upload carried."""

from __future__ import annotations

import io

import pytest
from PIL import Image, PngImagePlugin

from studio.errors import InvalidInput
from studio.sharing.logo import small_logo


def picture(size=(800, 400), kind="PNG", **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#AA3300").save(out, format=kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_a_small_png(kind):
    with Image.open(io.BytesIO(small_logo(picture(kind=kind)))) as made:
        assert (made.format, made.size) == ("PNG", (256, 128))
        red, green, _blue, alpha = made.getpixel((128, 64))
        assert (red > 150, green < 80, alpha) == (True, True, 255)


def test_nothing_of_the_upload_but_pixels_is_kept():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "<script>alert(1)</script>")
    made = small_logo(picture(pnginfo=notes) + b"<script>alert(2)</script>")
    assert b"script" not in made


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        picture(kind="GIF"),
        picture()[:60],
        b"x" * (5 * 2**20 + 1),
        picture(size=(9000, 9000)),
        picture(size=(10_000, 10_000)),  # Pillow warns
        picture(size=(20_000, 20_000)),  # Pillow refuses
    ],
)
def test_what_is_no_small_picture_is_refused(content):
    with pytest.raises(InvalidInput, match="logo"):
        small_logo(content)
