"""The forms of personal data in English and Chinese texts, and the checks that tell them from others.

Finds e-mail addresses, phone numbers, identity numbers of China, Hong Kong and Taiwan, US social
security numbers, bank cards and IBANs, also in full-width characters. Precision goes before
completeness: order numbers, prices, dates and codes are no phone numbers, and what belongs to no person
(support@..., 400 and 800 hotlines) is left in peace, because answers need it. Names and addresses are
not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from string import ascii_letters
from string import digits as decimal_digits
from typing import Final, Literal

PersonalKind = Literal["email", "phone", "national_id", "bank_card", "iban"]

# One character for one, so that offsets stay. Not the comma: a full-width one parts no thousands.
_HALF_WIDTH = str.maketrans(
    {chr(code + 0xFEE0): chr(code) for code in map(ord, decimal_digits + ascii_letters + "+-@._()")}
    | dict.fromkeys("\u3000\xa0", " ")
    | dict.fromkeys("\u2010\u2011\u2212", "-")
)

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9][A-Za-z0-9._%+-]{0,63})@"
    r"(?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24}(?![A-Za-z0-9@-])"
)
_ROLES = re.compile(
    r"(?:info|hello|support|service|help|helpdesk|sales|contact|admin|office|team|press|media|jobs|"
    r"careers|hr|billing|orders?|returns?|privacy|legal|security|marketing|feedback|webmaster|"
    r"postmaster|no-?reply|do-?not-?reply|mail|enquiries|inquiries|customer-?(?:care|service)|kefu|"
    r"care|shop|store|warranty|repairs?)(?:\+.*)?",
    re.IGNORECASE,
)
_IBAN = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])"
)
_CHINESE_ID = re.compile(
    r"(?<![A-Za-z0-9])[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]"
    r"(?![A-Za-z0-9])"
)
_HONG_KONG_ID = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}\([\dA]\)", re.ASCII)
_TAIWAN_ID = re.compile(r"(?<![A-Za-z0-9-])[A-Z][1289]\d{8}(?![A-Za-z0-9-])", re.ASCII)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])", re.ASCII)
_CARD = re.compile(
    r"(?<![\w.,+/-])(?:\d{15,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?:\1\d{1,3})?|\d{4}([ -])\d{6}\2\d{5})"
    r"(?![\w-]|[.,]\d)",
    re.ASCII,
)
_CARD_FORMS = re.compile(
    r"4\d{15}|4\d{18}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|35\d{14}|6011\d{12}|65\d{14}|62\d{14,17}"
)
_BEFORE = r"(?<![\w.,#$€£¥￥+=_-])(?<![A-Za-z]/)"
_AFTER = r"(?![\w-]|[.,]\d|\s?[%元块])"
_PHONES: Final = (
    # +44 20 7946 0958, +86-138-0013-8000
    re.compile(r"(?<![\w+.,$€£¥￥-])\+[1-9]\d{0,2}(?:[ .-]?\(?\d{1,5}\)?){2,6}" + _AFTER, re.ASCII),
    # a Chinese mobile number
    re.compile(
        _BEFORE + r"(?:(?:0086|86)[ -]?)?1[3-9]\d(?:\d{8}|([ -])\d{4}\1\d{4})" + _AFTER, re.ASCII
    ),
    # the same between the commas of a list; so many digits are no thousands, and two more no decimals
    re.compile(
        r"(?<=,)1[3-9]\d{9}(?![\w-]|\.\d|\s?[%元块]|,\d{1,2}(?![\d,]))"
        r"|(?<![\w.,#$€£¥￥+=_/-])1[3-9]\d{9}(?=,\d{1,3},)",
        re.ASCII,
    ),
    # a Chinese fixed line with its area code: 010-6552 8888, (0755)26741234, 021 65528888; so are
    # numbers of London written, 020 7946 0958
    re.compile(
        r"(?<![\w.,#$€£¥￥+=_/-])(?<!\d )"
        r"(?:0(?:10|2\d|[3-9]\d\d)[ -]|\(0(?:10|2\d|[3-9]\d\d)\) ?)"
        r"[2-8]\d{2,3}[ -]?\d{4}(?:(?:-|转|ext\.? ?)\d{1,5})?" + _AFTER,
        re.ASCII,
    ),
    # the same without a mark, of the largest cities alone: others look like codes of goods
    re.compile(r"(?<![\w.#$€£¥￥+=_/-])0(?:10|2\d)[2-8]\d{7}" + _AFTER, re.ASCII),
    # 415 555 2671, unless it may be one of a row of figures, or a measure
    re.compile(
        r"(?<![\w.,#$€£¥￥=_/-])(?<!\d )[2-9]\d\d [2-9]\d\d (?!1024|2048|4096|\d\d00)\d{4}"
        r"(?! \d|\s?(?:[KMGT]?B|[ckm]?m|k?g)(?![A-Za-z]))" + _AFTER,
        re.ASCII,
    ),
    # (415) 555-2671, 1-415-555-2671, 415.555.2671
    re.compile(
        r"(?<![\w.,#$€£¥￥=_/-])(?:1[ .-])?(?:\([2-9]\d\d\) ?|[2-9]\d\d([.-]))[2-9]\d\d[ .-]\d{4}"
        + _AFTER,
        re.ASCII,
    ),
)
# Of any form, but only right after a word for it.
_LABELLED = re.compile(
    r"(?:(?<![A-Za-z])(?:tel|telephone|phone|mobile|cell|whatsapp|fax)(?:\.|[ ]?(?:no\.?|number))?"
    r"|电话|手机|手機|電話|联系方式|聯絡方式|热线|传真)(?:号码?|號碼?)?"
    r"[\"']?[ \t]{0,2}(?:[:：=]|是|is)?[ \t]{0,2}[\"']?"
    r"((?:\+|\()?\d[\d \-().]{5,20}\d)(?![\w-]|[.,]\d|\s?[%元块])",
    re.IGNORECASE | re.ASCII,
)
_NUMBER_WORDS = re.compile(
    r"(?:order|invoice|tracking|parcel|shipment|sku|isbn|ean|barcode|serial|batch|article|item|part|"
    r"ticket|case|reference|ref|transaction|订单|订单号|单号|运单|快递|编号|货号|型号|批号|发票|流水|条码|"
    r"款号|訂單|單號|編號|貨號|發票|序列号)[ \t]?"
    r"(?:no|number|id|nr|号码?|號碼?)?[.:：#是为]{0,2}[ \t]{0,2}#?$",
    re.IGNORECASE,
)
_DATE_OR_PRICE = re.compile(
    r"\d{4}[-. ]\d{1,2}[-. ]\d{1,2}|\d{1,2}[-. ]\d{1,2}[-. ]\d{4}|\d+\.\d{1,2}"
)
_HOTLINE = re.compile(r"(?:\+?1)?8(?:00|33|44|55|66|77|88)\d{7}|(?:\+?86)?[48]00\d{7}|0800\d{6,7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A piece of personal data: where it stands in the text, and what it is."""

    start: int
    end: int
    kind: PersonalKind


def find_personal(text: str) -> tuple[Finding, ...]:
    """The personal data of a text in reading order, without overlap."""
    text = text.translate(_HALF_WIDTH)
    found: list[Finding] = []
    taken = bytearray(len(text))
    for kind, start, end in _candidates(text):
        if any(taken[start:end]):
            continue
        taken[start:end] = b"\1" * (end - start)
        found.append(Finding(start=start, end=end, kind=kind))
    return tuple(sorted(found, key=lambda finding: finding.start))


def _candidates(text: str) -> Iterator[tuple[PersonalKind, int, int]]:
    """What has the form of personal data, the surest forms first."""
    for match in _EMAIL.finditer(text):
        if not _ROLES.fullmatch(match[1]):
            yield "email", *match.span()
    for match in _IBAN.finditer(text):
        end = _end_of_iban(match)
        if end:
            yield "iban", match.start(), end
    for match in chain(
        filter(_has_check_digit, _CHINESE_ID.finditer(text)),
        filter(_is_of_hong_kong, _HONG_KONG_ID.finditer(text)),
        filter(_is_of_taiwan, _TAIWAN_ID.finditer(text)),
        _SSN.finditer(text),
    ):
        if not _counts_things(text, match.start()):
            yield "national_id", *match.span()
    for match in _CARD.finditer(text):
        if _is_card(_digits(match[0])) and not _counts_things(text, match.start()):
            yield "bank_card", *match.span()
    for start, end in _phones(text):
        yield "phone", start, end


def _phones(text: str) -> Iterator[tuple[int, int]]:
    for match in chain.from_iterable(pattern.finditer(text) for pattern in _PHONES):
        if _is_phone(match[0]) and not _counts_things(text, match.start()):
            yield match.span()
    for match in _LABELLED.finditer(text):
        if _is_phone(match[1]):
            yield match.span(1)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text, flags=re.ASCII)


def _counts_things(text: str, start: int) -> bool:
    """Whether a word before says that the number counts things: "order no. 13812345678"."""
    return _NUMBER_WORDS.search(text[max(0, start - 24) : start]) is not None


def _is_phone(text: str) -> bool:
    digits = _digits(text)
    if not 7 <= len(digits) <= 15 or _DATE_OR_PRICE.fullmatch(text) or digits.endswith("00000"):
        return False
    if text.startswith("+") and len(digits) < 9:  # "+1 234 567" is growth
        return False
    return not _HOTLINE.fullmatch(digits)


def _is_card(digits: str) -> bool:
    if not _CARD_FORMS.fullmatch(digits):
        return False
    total = 0  # Luhn: every second digit from the right counts twice, its digits summed
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0


def _has_check_digit(match: re.Match[str]) -> bool:
    """The check digit of Chinese identity numbers, GB 11643-1999 (ISO 7064, mod 11-2)."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(digit) for weight, digit in zip(weights, match[0], strict=False))
    return "10X98765432"[total % 11] == match[0][-1].upper()


def _is_of_hong_kong(match: re.Match[str]) -> bool:
    """The check digit of Hong Kong identity cards: letters count from 10, a missing one 36, mod 11."""
    places = match[0].replace("(", "").replace(")", "").rjust(9)
    values = [36 if place == " " else int(place, 36) for place in places]
    return (
        sum(value * weight for value, weight in zip(values, range(9, 0, -1), strict=True)) % 11 == 0
    )


def _is_of_taiwan(match: re.Match[str]) -> bool:
    """The check digit of Taiwan's identity cards: the letter is a number of two digits, mod 10."""
    letter = 10 + "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(match[0][0])
    values = (letter // 10, letter % 10, *map(int, match[0][1:]))
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) % 10 == 0


def _end_of_iban(match: re.Match[str]) -> int:
    """Where the account number ends, without words in capitals after it; 0 when it is none."""
    end = match.end()
    while end - match.start() >= 15:
        number = match.string[match.start() : end].replace(" ", "")
        if 15 <= len(number) <= 34:
            turned = number[4:] + number[:4]  # ISO 13616: letters count from 10, the rest is 1
            if int("".join(str(int(character, 36)) for character in turned)) % 97 == 1:
                return end
        cut = match.string.rfind(" ", match.start(), end)
        if cut < 0:
            return 0
        end = cut
    return 0
