"""Several texts for one form, written at the same time and held against each other."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace

from studio.errors import Cancelled, InvalidInput, StudioError
from studio.evaluation.text_checks.similarity import Vector
from studio.prototypes.content.checking import variants_check, with_check
from studio.prototypes.content.composing import Composed, Composer
from studio.prototypes.content.text import Text, Variants
from studio.prototypes.content.writing import Writing
from studio.records import Notice

MAX_VARIANTS = 8


def write_variants(
    composer: Composer, values: Mapping[str, str], n: int, writing: Writing[Variants]
) -> Variants:
    """`n` texts for a form, in the order of their seeds; those that failed are left out.

    Where texts must differ, one that is too much like an earlier one is written again.

    Raises:
        InvalidInput: `n` is out of range, or the form cannot be used.
        StudioError: no text came about.
    """
    if not 1 <= n <= MAX_VARIANTS:
        raise InvalidInput(
            "{n} variants were asked for; between 1 and {limit} can be written.",
            n=n,
            limit=MAX_VARIANTS,
        )
    began_s = time.perf_counter()
    writing.report(Notice("Writing {n} texts", "Writing a text", n=n))
    outcomes = _first_round(composer, values, n, writing)
    made = [one for one in outcomes if isinstance(one, Composed)]
    errors = [one for one in outcomes if isinstance(one, StudioError)]
    usable = [one for one in made if one.text.content]
    if not usable:
        raise errors[0] if errors else Cancelled("Stopped before anything was written.")
    writing.report(Notice("Comparing the texts"))
    compared = _compared(composer, values, usable, writing)
    calls = [call for one in compared for call in one.calls]
    figures = composer.figures(calls, (time.perf_counter() - began_s) * 1000)
    return Variants(
        texts=tuple(one.text for one in compared),
        total_ms=figures.total_ms,
        tokens_in=figures.tokens_in,
        tokens_out=figures.tokens_out,
        cost=figures.cost,
        currency=figures.currency,
        cost_source=figures.cost_source,
        request_id=writing.request_id,
        error=errors[0].notice if errors else _stopped(writing),
    )


def _first_round(
    composer: Composer, values: Mapping[str, str], n: int, writing: Writing[Variants]
) -> list[Composed | StudioError]:
    with ThreadPoolExecutor(max_workers=n, thread_name_prefix="studio-variant") as pool:
        futures: list[Future[Composed]] = [
            pool.submit(
                copy_context().run,
                composer.compose,
                values,
                number=number,
                watcher=writing.watcher(number),
            )
            for number in range(n)
        ]
        outcomes: list[Composed | StudioError] = []
        for future in futures:
            try:
                outcomes.append(future.result())
            except StudioError as error:
                outcomes.append(error)
        return outcomes


def _compared(
    composer: Composer,
    values: Mapping[str, str],
    made: Sequence[Composed],
    writing: Writing[Variants],
) -> list[Composed]:
    """The texts with the check against each other; too similar ones once more where they must differ."""
    settings = composer.settings
    kept: list[Composed] = []
    for number, one in enumerate(made):
        result = one
        earlier = [other.vector for other in kept if other.vector is not None]
        check = variants_check(one.vector, earlier, settings)
        is_again = check.is_required and check.status == "failed" and settings.n_retries > 0
        if is_again and not writing.is_cancelled:
            reason = composer.reason_for((check,), values)
            watcher = writing.watcher(number)
            watcher.again(check.notice)
            again = composer.compose(
                values,
                number=number + MAX_VARIANTS,
                watcher=watcher,
                others=earlier,
                reason=reason,
            )
            result = replace(again, calls=(*one.calls, *again.calls))
        kept.append(result)
    return [
        replace(one, text=_with_variants(one.text, one.vector, _others(kept, at), composer))
        for at, one in enumerate(kept)
    ]


def _others(kept: Sequence[Composed], at: int) -> list[Vector]:
    return [one.vector for n, one in enumerate(kept) if n != at and one.vector is not None]


def _with_variants(
    text: Text, vector: Vector | None, others: Sequence[Vector], composer: Composer
) -> Text:
    check = variants_check(vector, others, composer.settings)
    return replace(text, checks=with_check(text.checks, check))


def _stopped(writing: Writing[Variants]) -> Notice | None:
    return Notice("Stopped before all texts were whole.") if writing.is_cancelled else None
