"""Small PDF files, written by hand so that each test says what is in its file."""

from __future__ import annotations

import io

from pypdf import PdfReader, PdfWriter


def pdf_with_pages(*texts: str | None) -> bytes:
    """A PDF with one page per text; None gives a page that holds a picture and no text."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for text in texts:
        page = len(objects) + 1
        kids.append(f"{page} 0 R")
        if text is None:
            resources = f"<< /XObject << /I {page + 1} 0 R >> >>"
            image = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
            objects.append(_page(resources, page + 2))
            objects.append(
                image.encode() + b" /BitsPerComponent 8 /Length 1 >>\nstream\n\xff\nendstream"
            )
            objects.append(_stream(b"q 100 0 0 100 0 0 cm /I Do Q"))
        else:
            font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
            objects.append(_page(f"<< /Font << /F {font} >> >>", page + 1))
            objects.append(_stream(f"BT /F 12 Tf 72 700 Td ({text}) Tj ET".encode()))
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _assembled(objects)


def locked(content: bytes, password: str) -> bytes:
    """The same PDF, encrypted so that it opens with this password only."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.encrypt(password, algorithm="AES-256")
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _page(resources: str, contents: int) -> bytes:
    return (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources {resources} "
        f"/Contents {contents} 0 R >>"
    ).encode()


def _stream(data: bytes) -> bytes:
    return f"<< /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _assembled(objects: list[bytes]) -> bytes:
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        out
        + (
            f"xref\n0 {size}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
        ).encode()
    )
