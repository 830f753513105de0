"""Titles and meta descriptions scored, 0 to 100, part by part. Knows no model.

What fits is measured in pixels, as search engines cut by width: about 580 px for a title and 920 px for
a description on a desktop (Google publishes no figure; these are what is seen in its results). The
parts and their points are a yardstick of ours, each shown with what it gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from studio.evaluation.text_checks.wording import occurs
from studio.prototypes.content.seo_records import SeoVariant
from studio.records import Notice
from studio.retrieval.terms import terms_of

TITLE_PX, DESCRIPTION_PX = 580, 920
_TITLE_LEAST_PX, _DESCRIPTION_LEAST_PX = 200, 400
_WIDE_PX, _LATIN_PX, _NARROW_PX = 18.0, 9.2, 5.0
_SMALLER = 0.75  # descriptions are set smaller
_NARROW = frozenset("iljtfr.,:;|!'()[] I1")

Reason = tuple[Notice, int, int]


def width_px(text: str) -> int:
    """About how wide a title is in a search result, in pixels."""
    return round(sum(_character_px(character) for character in text))


def score_title(text: str, queries: Sequence[str], *, is_written: bool = True) -> SeoVariant:
    """The score of a title against queries, the most asked first."""
    text = " ".join(text.split())
    width = width_px(text)
    first = queries[0] if queries else ""
    at = _position(first, text)
    reasons: list[Reason] = [
        _width(width, _TITLE_LEAST_PX, TITLE_PX, 30),
        (
            Notice("Has what is asked most: {query}", query=first),
            30 if at is not None else _part(first, text, 20),
            30,
        ),
        (Notice("It stands in the first half"), 15 if at is not None and at < 0.5 else 0, 15),
        (Notice("Has other things people ask"), _others(queries[1:], text, 15), 15),
        _plain(text),
    ]
    return _variant(text, width, reasons, is_written)


def score_description(text: str, queries: Sequence[str], *, is_written: bool = True) -> SeoVariant:
    """The score of a meta description against queries, the most asked first."""
    text = " ".join(text.split())
    width = round(width_px(text) * _SMALLER)
    first = queries[0] if queries else ""
    has_first = bool(first) and occurs(first, text)
    reasons: list[Reason] = [
        _width(width, _DESCRIPTION_LEAST_PX, DESCRIPTION_PX, 30),
        (
            Notice("Has what is asked most: {query}", query=first),
            30 if has_first else _part(first, text, 20),
            30,
        ),
        (Notice("Has other things people ask"), _others(queries[1:], text, 20), 20),
        (
            Notice("Ends with a whole sentence"),
            10 if text[-1:] in tuple(".!?。！？…") else 0,
            10,
        ),
        _plain(text),
    ]
    return _variant(text, width, reasons, is_written)


def _variant(text: str, width: int, reasons: Sequence[Reason], is_written: bool) -> SeoVariant:
    return SeoVariant(
        text=text,
        score=sum(points for _, points, _ in reasons) if text else 0,
        reasons=tuple(reasons),
        n_characters=len(text),
        width=width,
        is_written=is_written,
    )


def _width(width: int, least: int, most: int, points: int) -> Reason:
    if width > most:
        notice = Notice("{width} px wide: cut off after {most} px", width=width, most=most)
        return notice, 0, points
    if width < least:
        notice = Notice("{width} px wide: room is left until {most} px", width=width, most=most)
        return notice, points // 2, points
    return Notice("{width} px wide: fits into {most} px", width=width, most=most), points, points


def _plain(text: str) -> Reason:
    """No shouting, and no word three times."""
    shouts = sum(len(word) > 3 and word.isupper() for word in text.split()) > 1 or "!!" in text
    is_plain = not shouts and not repeats_words(text)
    return Notice("No shouting, no word over and over"), 10 if is_plain else 0, 10


def repeats_words(text: str) -> bool:
    """Whether a word stands in a text three times or more; articles and the like do not count."""
    counts = Counter(terms_of(text))
    return any(n > 2 for n in counts.values())


def _others(queries: Sequence[str], text: str, points: int) -> int:
    """Points for the words of the next queries that the text has, three full ones are enough."""
    if not queries:
        return points
    shares = sorted((_share(query, text) for query in queries[:12]), reverse=True)[:3]
    return round(points * sum(shares) / len(shares))


def _part(query: str, text: str, points: int) -> int:
    """Points for a query whose words stand in the text, but not together."""
    return round(points * _share(query, text)) if query else 0


def _share(query: str, text: str) -> float:
    wanted, has = set(terms_of(query)), set(terms_of(text))
    return len(wanted & has) / len(wanted) if wanted else 0.0


def _position(query: str, text: str) -> float | None:
    """Where a phrase begins, 0 to 1; None where it does not occur."""
    if not query or not occurs(query, text):
        return None
    first = query.split()[0].casefold()
    return max(0, text.casefold().find(first)) / max(1, len(text))


def _character_px(character: str) -> float:
    if ord(character) >= 0x2E80:
        return _WIDE_PX
    return _NARROW_PX if character in _NARROW else _LATIN_PX
