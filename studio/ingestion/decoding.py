"""Bytes to characters, when nobody says in which encoding they were written.

A byte order mark or valid UTF-8 decides at once. Chinese, Japanese and Korean encodings are told
apart by how common the characters are that they would give; single-byte encodings are left to
charset-normalizer. Files pasted together from several encodings are read line by line. The module
knows no file formats.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """A text, the encoding it was read with (several joined by "+"), and what could not be read."""

    text: str
    encoding: str
    n_replaced: int = 0


_MARKS = (  # the four-byte marks first: UTF-16's is the beginning of UTF-32's
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# In the order of preference where two fit equally well.
_ASIAN = ("gb18030", "big5hkscs", "cp932", "euc_jp", "cp949")
# The plainest few characters of running Chinese; about a third of any text, a thousandth of noise.
_FREQUENT_HAN = frozenset(
    "的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心"
    "多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知样现分将"
    "外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被"
    "走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员"
    "這來個國說們為時會後學對裡過還發當開經頭見樣現將與進實點種聲話問給幾業間電東門關並員產場書長無從動兩單價"
    "品服务務客户戶订訂货貨退款费費请請公司我们您您好价格"
)
_PLAIN_MARKS = frozenset("，。、！？：；（）《》“”‘’「」『』【】…—～·　％￥")
_WESTERN = frozenset(
    "ÀÂÄÇÈÉÊËÎÏÔÖÙÛÜßàâäçèéêëîïôöùûüñÑáíóúÁÍÓÚæÆœøØåÅãõìò¡¿«»“”‘’‚„–—…•·€£§°²³½×®©™\xa0"
)
# Encodings that are named in files where a larger one is meant.
_MEANT = {
    "gb2312": "gb18030", "gbk": "gb18030", "gb_2312-80": "gb18030", "big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "x-sjis": "cp932", "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8",
    "ascii": "utf-8", "utf-16": "utf-8",
}  # fmt: skip
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff]")
_LINE_ENDS = re.compile("\r\n|\r")
OTHER_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
"""Line ends of typesetters. In rows and data they are characters of a cell or a value like others."""
# Without the iteration marks, which Chinese book title marks turn into when read as EUC-JP.
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\u30fc]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_NOT_ASCII = bytes(range(128, 256))
_SAMPLE_BYTES = 64 * 1024


def decode(content: bytes) -> Decoded | None:
    """The text of a file; None when the bytes are not text at all.

    Bytes that no encoding explains become U+FFFD and are counted.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _replacing(content[len(mark) :], encoding)
    if b"\0" in content:
        return _wide_without_mark(content)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        if "\x1b$" in text or "\x1b(J" in text:  # Japanese mail: ASCII bytes with escapes
            return _replacing(content, "iso2022_jp")
        return Decoded(text=text, encoding="utf-8", n_replaced=text.count(REPLACEMENT))
    if _looks_binary(content):
        return None
    asian = _asian_encoding(content)
    if asian is not None:
        return Decoded(text=content.decode(asian), encoding=asian)
    return _by_lines(content)


def decode_declared(content: bytes, encoding: str | None) -> Decoded | None:
    """The text of a file that names its own encoding, as web pages and e-mails do.

    The name is believed where all bytes can be read so; otherwise `decode` finds another. None when
    the bytes are not text at all.
    """
    for mark, _ in _MARKS:
        if content.startswith(mark):
            return decode(content)
    try:
        codec = codecs.lookup(_MEANT.get((encoding or "").strip().lower(), encoding or "utf-8"))
        text, _ = codec.decode(content)
    except (LookupError, ValueError):
        return decode(content)
    if not isinstance(text, str) or "\0" in text:  # base64 and its like are codecs, too
        return decode(content)
    return Decoded(text=text, encoding=codec.name, n_replaced=text.count(REPLACEMENT))


def clean(text: str) -> str:
    r"""The text in the form everything after works on.

    Line ends are `\n`, characters composed (NFC), control characters and byte order marks gone, and
    halves of surrogate pairs replaced, which no file could be written with.
    """
    return OTHER_LINE_ENDS.sub("\n", for_parsing(text))


def for_parsing(text: str) -> str:
    r"""The text as `clean` makes it, but for `OTHER_LINE_ENDS`, which end no row and no value.

    What a parser took out of it is then cleaned by itself.
    """
    text = _LINE_ENDS.sub("\n", text)
    text = _CONTROL.sub("", text)
    text = _SURROGATES.sub(REPLACEMENT, text)
    return unicodedata.normalize("NFC", text)


def _replacing(content: bytes, encoding: str) -> Decoded:
    text = content.decode(encoding, errors="replace")
    return Decoded(text=text, encoding=encoding, n_replaced=text.count(REPLACEMENT))


def _wide_without_mark(content: bytes) -> Decoded | None:
    """UTF-16 or UTF-32 that lacks its mark, told by readable characters; None for binary data."""
    if len(content) % 2:
        content = content[:-1]  # a file cut off in the middle of a character
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:20_000]
        n_plain = sum(_is_plain(character) for character in sample)
        if sample and n_plain >= 0.85 * len(sample):
            return Decoded(text=text, encoding=encoding)
    return None


def _is_plain(character: str) -> bool:
    return (
        " " <= character <= "~"
        or character in "\r\n\t"
        or character in _PLAIN_MARKS
        or character in _WESTERN
        or ("\u4e00" <= character <= "\u9fa5" and _is_first_level(character, "gb2312"))
        or ("\u4e00" <= character <= "\u9fa5" and _is_first_level(character, "big5"))
        or "\u0370" <= character <= "\u06ff"
        or "\u3040" <= character <= "\u30ff"
        or "\uac00" <= character <= "\ud7a3"
    )


def _looks_binary(content: bytes) -> bool:
    """Many control characters do not occur in text of any encoding."""
    sample = content[:_SAMPLE_BYTES]
    n_control = sum(sample.count(bytes([code])) for code in (*range(1, 8), *range(14, 27), 28, 29))
    return n_control > 0.02 * len(sample)


def _asian_encoding(content: bytes) -> str | None:
    """The encoding that reads all bytes and makes them the most common characters, if any does."""
    best, best_score = None, 0.75
    for encoding in _ASIAN:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = _commonness(text[:20_000], encoding)
        if score > best_score + 1e-9:
            best, best_score = encoding, score
    return best


def _commonness(text: str, encoding: str) -> float:
    """How much a text reads like one written in this encoding; above 0.75 is believable."""
    foreign = [character for character in text if character > "\x7f"]
    if not foreign:
        return 0.0
    n_known = n_kana = n_frequent = n_marks = 0
    for character in foreign:
        if character in _PLAIN_MARKS:
            n_marks += 1
        elif _KANA.match(character):
            n_kana += 1
        elif "\uff61" <= character <= "\uff9f":
            continue  # half-width kana: what Chinese bytes turn into when read as Shift-JIS
        elif _is_first_level(character, encoding):
            n_known += 1
            n_frequent += character in _FREQUENT_HAN
    is_japanese = encoding in ("cp932", "euc_jp")
    n_letters = max(1, len(foreign) - n_marks)
    known = (n_known + n_marks + (n_kana if is_japanese else 0)) / len(foreign)
    if is_japanese:  # without kana it is not Japanese
        return known + (0.6 * min(1.0, 3 * n_kana / n_letters) if n_kana else -0.3)
    if encoding == "cp949":
        return known + (0.3 if _has_korean_spacing(text) else -0.3)
    return known + 0.6 * n_frequent / n_letters


def _has_korean_spacing(text: str) -> bool:
    """Korean writes spaces between words of a few syllables; Chinese writes none."""
    n_letters = sum("\uac00" <= character <= "\ud7a3" for character in text)
    runs = re.findall("[\uac00-\ud7a3]+", text)
    return (
        bool(runs)
        and n_letters / len(runs) < 5.5
        and n_letters > 0.9 * sum(character > "\x7f" for character in text)
    )


def _is_first_level(character: str, encoding: str) -> bool:
    """Whether a character belongs to the everyday part of its character set."""
    name, low, high = {
        "gb18030": ("gb2312", 0xB0, 0xD7),
        "gb2312": ("gb2312", 0xB0, 0xD7),
        "big5hkscs": ("big5", 0xA4, 0xC6),
        "big5": ("big5", 0xA4, 0xC6),
        "cp932": ("euc_jp", 0xB0, 0xCF),
        "euc_jp": ("euc_jp", 0xB0, 0xCF),
        "cp949": ("euc_kr", 0xB0, 0xC8),
    }[encoding]
    try:
        code = character.encode(name)
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and low <= code[0] <= high


def _by_lines(content: bytes) -> Decoded:
    """Each line in UTF-8 where it is valid, the rest in the one encoding that suits it best."""
    lines = content.splitlines(keepends=True)
    is_utf8 = [_is_valid_utf8(line) for line in lines]
    rest = b"".join(line for line, valid in zip(lines, is_utf8, strict=True) if not valid)
    n_foreign = sum(map(_n_foreign, lines))
    # A few bad bytes in a UTF-8 file are damage, not another language.
    is_damage = _n_foreign(rest) < 0.02 * n_foreign
    encoding = "utf-8" if is_damage else _encoding_of_rest(rest)
    parts = [
        line.decode("utf-8" if valid else encoding, errors="replace")
        for line, valid in zip(lines, is_utf8, strict=True)
    ]
    text = "".join(parts)
    is_mixed = encoding != "utf-8" and any(
        valid and not line.isascii() for line, valid in zip(lines, is_utf8, strict=True)
    )
    return Decoded(
        text=text,
        encoding=f"utf-8+{encoding}" if is_mixed else encoding,
        n_replaced=text.count(REPLACEMENT),
    )


def _n_foreign(content: bytes) -> int:
    """Bytes that are not ASCII."""
    return len(content) - len(content.translate(None, _NOT_ASCII))


def _is_valid_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding_of_rest(content: bytes) -> str:
    """The best encoding for bytes that are not valid UTF-8, allowing for some damage."""
    sample = content[:_SAMPLE_BYTES]
    as_utf8 = sample.decode("utf-8", errors="replace")
    n_good = sum(character > "\x7f" and character != REPLACEMENT for character in as_utf8)
    if n_good > 3 * as_utf8.count(REPLACEMENT):  # valid sequences do not come about by chance
        return "utf-8"
    as_western = sample.decode("cp1252", errors="replace")
    foreign = [character for character in as_western if character > "\x7f"]
    n_western = sum(character in _WESTERN for character in foreign)
    n_letters = sum(character.isalpha() for character in as_western)
    if n_western >= 0.9 * len(foreign) and len(foreign) < 0.4 * max(1, n_letters):
        return "cp1252"
    damaged = [
        (_damaged_score(sample, encoding), -rank, encoding) for rank, encoding in enumerate(_ASIAN)
    ]
    score, _, encoding = max(damaged)
    return encoding if score > 0.75 else _single_byte_encoding(sample)


def _damaged_score(sample: bytes, encoding: str) -> float:
    text = sample.decode(encoding, errors="replace")
    n_foreign = sum(character > "\x7f" for character in text) or 1
    return _commonness(text, encoding) - 3 * text.count(REPLACEMENT) / n_foreign


def _single_byte_encoding(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best is not None else "cp1252"
