"""Logos: an uploaded picture made small and written anew, so that nothing of the upload is served.

Reads PNG, JPEG and WebP only; what a picture carries beside its pixels (places, comments, scripts of
other formats) is gone. Knows no store.
"""

from __future__ import annotations

import io

from studio.errors import InvalidInput

MAX_UPLOAD_BYTES = 5 * 2**20
MAX_PIXELS = 40_000_000
SIZE_PX = 256
LOGO_TYPE = "image/png"
_FORMATS = ("PNG", "JPEG", "WEBP")


def small_logo(content: bytes) -> bytes:
    """The picture as a PNG of at most 256 by 256 pixels, upright, with its transparency.

    Raises:
        InvalidInput: it is too large, no picture, or of another kind than PNG, JPEG and WebP.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(content) > MAX_UPLOAD_BYTES:
        raise InvalidInput(
            "The logo has {size} MB; at most {most} MB are read. Make the picture smaller.",
            size=round(len(content) / 2**20, 1),
            most=MAX_UPLOAD_BYTES // 2**20,
        )
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise InvalidInput(
                    "The logo has {width} by {height} pixels, which is too many. Make it smaller.",
                    width=picture.width,
                    height=picture.height,
                )
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidInput("The logo has too many pixels. Make it smaller.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise InvalidInput(
            "The logo cannot be read. Upload a picture as PNG, JPEG or WebP."
        ) from error
    upright.thumbnail((SIZE_PX, SIZE_PX))
    fresh = Image.new("RGBA", upright.size)  # no metadata comes along
    fresh.paste(upright)
    out = io.BytesIO()
    fresh.save(out, format="PNG", optimize=True)
    return out.getvalue()
