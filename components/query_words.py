"""What the intents of queries are called on a page. Draws nothing."""

from __future__ import annotations

from components.i18n import _
from studio.prototypes.search.analytics import QueryReport, ThemeCoverage
from studio.prototypes.search.intents import Intent


def intent_name(intent: Intent) -> str:
    """What somebody wants, in two or three words."""
    return {
        Intent.LEARN: _("to learn"),
        Intent.BUY: _("to buy"),
        Intent.COMPARE: _("to compare"),
        Intent.GO: _("to get somewhere"),
        Intent.HELP: _("to get help"),
        Intent.THING: _("a thing"),
    }[intent]


def share(value: float) -> str:
    """A share in whole percent; a small one is not shown as none."""
    return "<1%" if 0 < value < 0.005 else f"{value:.0%}"


def intents_help() -> str:
    """What each intent means, with the word of the field."""
    return "\n".join(
        f"- **{intent_name(intent)}**: {meaning}"
        for intent, meaning in (
            (Intent.THING, _("names a thing and nothing else")),
            (Intent.LEARN, _("wants an explanation or instructions (informational)")),
            (Intent.COMPARE, _("weighs one thing against another (commercial)")),
            (Intent.BUY, _("is about to buy: price, delivery, discount (transactional)")),
            (Intent.GO, _("looks for a page, a place or a person (navigational)")),
            (Intent.HELP, _("has trouble with an order or a thing (support)")),
        )
    )


def intent_mix(theme: ThemeCoverage) -> str:
    """What those want who ask about a theme, the most frequent first: "a thing 84%, to learn 8%"."""
    shares = [
        _("{intent} {share}", intent=intent_name(intent), share=f"{part:.0%}")
        for intent, part in theme.intents
        if part >= 0.05
    ]
    return ", ".join(shares)


def summary(report: QueryReport) -> str:
    """A sentence that says the figures, for those who cannot see the map."""
    return _(
        "{n} queries in {n_themes} themes; {share} of what is asked is answered.",
        n=len(report.queries),
        n_themes=len(report.themes),
        share=f"{report.coverage:.0%}",
    )
