"""A figure of economics in words: its value with its unit, what it rests on, where it comes from.

Two significant digits where it is read, the exact value where it is asked for; money in the currency
that the user chose. The module draws nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from babel import dates

from components import format as fmt
from components import notice
from components.i18n import _, say, sentences, translate
from components.shown_currency import ShownCurrency
from studio.economics.figure import Figure, FigureBasis, Number, Unit
from studio.records import Notice

DEPTH = 3
"""How far down the inputs of inputs are told; the workbook has all of them."""
UNITS = {
    Unit.USD_PER_MONTH: Notice("{currency} a month"),
    Unit.USD_PER_YEAR: Notice("{currency} a year"),
    Unit.USD_PER_HOUR: Notice("{currency} an hour"),
    Unit.USD_PER_REQUEST: Notice("{currency} a request"),
    Unit.USD_PER_THOUSAND: Notice("{currency} per 1,000"),
    Unit.USD_PER_MTOK: Notice("{currency} per million tokens"),
    Unit.USD_PER_USER_MONTH: Notice("{currency} a month"),
    Unit.USD_PER_GB_MONTH: Notice("{currency} a GB and month"),
    Unit.SHARE_PER_MONTH: Notice("a month"),
    Unit.COUNT_PER_MONTH: Notice("a month"),
    Unit.USERS: Notice("users"),
    Unit.USERS_PER_MONTH: Notice("users a month"),
    Unit.REQUESTS: Notice("requests"),
    Unit.REQUESTS_PER_MONTH: Notice("requests a month"),
    Unit.REQUESTS_PER_S: Notice("requests/s"),
    Unit.TOKENS: Notice("tokens"),
    Unit.TOKENS_PER_S: Notice("tokens/s"),
    Unit.MS: Notice("ms"),
    Unit.S: Notice("s"),
    Unit.HOURS: Notice("hours"),
    Unit.MONTHS: Notice("months"),
    Unit.GB: Notice("GB"),
}
"""Units in words; money that is not here is just money, as the label says of whom or for what."""
ONE = {
    Unit.USERS: Notice("user"),
    Unit.USERS_PER_MONTH: Notice("user a month"),
    Unit.REQUESTS: Notice("request"),
    Unit.REQUESTS_PER_MONTH: Notice("request a month"),
    Unit.TOKENS: Notice("token"),
    Unit.HOURS: Notice("hour"),
    Unit.MONTHS: Notice("month"),
}
"""The units of exactly one."""
FUNCTION_WORDS = {
    "ceil": Notice("round up"),
    "min": Notice("the smaller of"),
    "max": Notice("the larger of"),
    "where": Notice("if, then, else"),
    "only_if": Notice("only if"),
    "replicas_for": Notice("servers for"),
    "least_units": Notice("least number for"),
}
"""What the functions of formulas are called."""
COLORS = {
    FigureBasis.MEASURED: "green",
    FigureBasis.CATALOGUE: "blue",
    FigureBasis.ASSUMED: "orange",
    FigureBasis.COMPUTED: "gray",
}


def basis(of: FigureBasis) -> str:
    """What a figure rests on, in a word."""
    return {
        FigureBasis.MEASURED: _("measured"),
        FigureBasis.CATALOGUE: _("catalogue"),
        FigureBasis.ASSUMED: _("assumed"),
        FigureBasis.COMPUTED: _("computed"),
    }[of]


def badge(of: FigureBasis) -> str:
    """The same as a coloured badge in Markdown."""
    return f":{COLORS[of]}-badge[{basis(of)}]"


def unit(of: Unit, code: str, *, number: str = "") -> str:
    """A unit in words; `code` is the currency that is shown. Shares have none: they are in percent.

    `number` is what stands before it, where something does: it is "1 month" and "2 months".
    """
    if number == "1" and of in ONE:
        return say(ONE[of].template)
    if of in UNITS:
        return say(UNITS[of].template).format(currency=code)
    return code if of.is_money else ""


def name(figure: Figure) -> str:
    """What the figure is called, with a capital where the language has them."""
    text = translate(figure.label)
    return text[:1].upper() + text[1:]


def parts(figure: Figure, shown: ShownCurrency, *, in_column: bool = False) -> tuple[str, str]:
    """The value with two significant digits, and its unit apart; "–" where there is none.

    `in_column` gives the unit as it is for many numbers, even for a 1.
    """
    if figure.value is None:
        return "–", ""
    if figure.unit is Unit.MS:
        text, _space, called = fmt.duration(float(figure.value) / 1000).rpartition(" ")
        return text, called
    text = _number(figure.value, figure.unit, shown)
    return text, unit(figure.unit, shown.code, number="" if in_column else text)


def value(figure: Figure, shown: ShownCurrency) -> str:
    """The value with two significant digits and its unit; "–" where there is none."""
    return "–" if figure.value is None else amount(figure.value, figure.unit, shown)


def cell(figure: Figure, shown: ShownCurrency) -> str:
    """The value for a table; why there is none, where there is none."""
    if figure.value is None and figure.note is not None:
        return translate(figure.note)
    return value(figure, shown)


def origin(figure: Figure) -> str:
    """How it was computed, else its source with the date."""
    if is_computed(figure):
        return formula(figure)
    return "" if figure.source is None else _dated(translate(figure.source), figure.as_of)


def amount(number: Number, of: Unit, shown: ShownCurrency) -> str:
    """A number of some unit with two significant digits; times in the unit that reads best."""
    if of is Unit.MS:
        return fmt.duration(float(number) / 1000)
    text = _number(number, of, shown)
    return _joined(text, unit(of, shown.code, number=text))


def exact(figure: Figure, shown: ShownCurrency) -> str:
    """The value with all digits that mean something, and its unit."""
    if figure.value is None:
        return "–"
    if figure.unit.is_money:
        text = shown.exact(figure.value).removesuffix(f" {shown.code}")
    else:
        text = fmt.exact(fmt.significant(_in_shown(figure.value, figure.unit, shown), 9))
    return _with_unit(text, figure.unit, shown)


def _number(number: Number, of: Unit, shown: ShownCurrency) -> str:
    """Two significant digits, of a share in percent: next to nothing has no digits to read."""
    if of in (Unit.SHARE, Unit.SHARE_PER_MONTH):
        return fmt.share(float(number))
    return fmt.number(_in_shown(number, of, shown))


def _in_shown(number: Number, of: Unit, shown: ShownCurrency) -> float:
    """The number as it is read: money in the user's currency, shares in percent."""
    if of.is_money:
        return shown.of(number)
    return float(number) * 100 if of in (Unit.SHARE, Unit.SHARE_PER_MONTH) else float(number)


def _with_unit(text: str, of: Unit, shown: ShownCurrency) -> str:
    text = text + _percent(of)
    return _joined(text, unit(of, shown.code, number=text))


def _joined(text: str, called: str) -> str:
    """A number and its unit, with a space unless the unit begins with a stroke: 5%/月."""
    if called.startswith("/"):
        return text + called
    return f"{text} {called}" if called else text


def _percent(of: Unit) -> str:
    return "%" if of in (Unit.SHARE, Unit.SHARE_PER_MONTH) else ""


def hint(figure: Figure, shown: ShownCurrency) -> str:
    """One line for hovering: the exact value, on what it rests, and its source or formula."""
    parts = [exact(figure, shown) if figure.value is not None else "", basis(figure.basis)]
    parts.append(origin(figure))
    if figure.note is not None:
        parts.append(translate(figure.note))
    return notice.plain(" · ".join(part for part in parts if part))


def source_hint(figure: Figure, shown: ShownCurrency) -> str:
    """For hovering over a field: the range, the source with its date, and what to keep in mind."""
    parts = [badge(figure.basis)]
    if figure.low is not None and figure.high is not None and figure.low < figure.high:
        low, high = (amount(end, figure.unit, shown) for end in (figure.low, figure.high))
        said = (
            _("counted in random worlds as {low} to {high}.", low=low, high=high)
            if figure.as_of is None  # one's own entry: nobody called the range usual
            else _("usual: {low} to {high}.", low=low, high=high)
        )
        parts.append(notice.plain(said))
    if figure.source is not None:
        source = _dated(translate(figure.source), figure.as_of)
        parts.append(notice.plain(_("Source: {source}", source=source)))
    if figure.note is not None:
        parts.append(notice.plain(f"({translate(figure.note)})"))
    return sentences(*parts)


def is_computed(figure: Figure) -> bool:
    """Whether there is a formula, or a sentence in its place."""
    return bool(figure.formula) or figure.method is not None


def formula(figure: Figure) -> str:
    """The formula with its inputs called as they are for people, or the sentence in its place."""
    if figure.method is not None:
        return translate(figure.method)
    names = FUNCTION_WORDS | {cause.key: cause.label for cause in figure.inputs}

    def word(found: re.Match[str]) -> str:
        return translate(names[found[0]]) if found[0] in names else found[0]

    text = re.sub(r"[A-Za-z_]\w*", word, figure.formula)
    return text.replace("**", "^").replace("*", "×").replace(" - ", " − ").replace(" / ", " ÷ ")


def provenance(figure: Figure, shown: ShownCurrency) -> str:
    """Where a figure comes from, as Markdown: exact value, formula, source, date, and its inputs."""
    head = [f"**{notice.plain(name(figure))}** {badge(figure.basis)}"]
    head.append(f"**{notice.plain(exact(figure, shown))}**{notice.plain(_interval(figure, shown))}")
    if figure.note is not None:
        head.append(notice.plain(translate(figure.note)))
    if is_computed(figure):
        head.append(_("Formula: {formula}", formula=notice.plain(formula(figure))))
    if figure.source is not None:
        source = _dated(translate(figure.source), figure.as_of)
        head.append(_("Source: {source}", source=notice.plain(source)))
    lines = list(_inputs(figure, shown, 0))
    if lines:
        head.append(_("Computed from:"))
    return "\n\n".join(head) + ("\n\n" + "\n".join(lines) if lines else "")


def _inputs(figure: Figure, shown: ShownCurrency, depth: int) -> Iterator[str]:
    """A list item for each input, with its own inputs below it."""
    if depth >= DEPTH:
        return
    for cause in figure.inputs:
        facts = [f"{translate(cause.label)}: {value(cause, shown)}"]
        if is_computed(cause) or cause.source is not None:
            facts.append(f"= {formula(cause)}" if is_computed(cause) else origin(cause))
        if cause.note is not None:
            facts.append(translate(cause.note))
        indent = "    " * depth
        yield f"{indent}- {badge(cause.basis)} {notice.plain(' · '.join(facts))}"
        yield from _inputs(cause, shown, depth + 1)


def _interval(figure: Figure, shown: ShownCurrency) -> str:
    if figure.low is None or figure.high is None:
        return ""
    low, high = (amount(end, figure.unit, shown) for end in (figure.low, figure.high))
    return " " + _("({low} to {high})", low=low, high=high)


def _dated(text: str, as_of: date | None) -> str:
    if as_of is None:
        return text
    return f"{text} ({dates.format_date(as_of, format='medium', locale=fmt.locale())})"
