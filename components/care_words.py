"""How what could be mended in texts is called. Draws nothing."""

from __future__ import annotations

from components.i18n import _, ngettext
from studio.prototypes.data_care import CareFinding


def names() -> dict[str, str]:
    """What can be mended, in a word or two."""
    return {
        "markup": _("HTML tags and entities"),
        "spaces": _("invisible signs and odd white space"),
        "personal": _("personal data"),
        "repeats": _("near repeats"),
    }


def found(finding: CareFinding) -> str:
    """What was found, in a sentence."""
    n = finding.n
    return {
        "markup": ngettext(
            "{n} text has HTML tags or entities.", "{n} texts have HTML tags or entities.", n
        ),
        "spaces": ngettext(
            "{n} text has invisible signs or odd white space.",
            "{n} texts have invisible signs or odd white space.",
            n,
        ),
        "personal": ngettext(
            "{n} text has personal data: e-mail addresses, telephone, card or account numbers.",
            "{n} texts have personal data: e-mail addresses, telephone, card or account numbers.",
            n,
        ),
        "repeats": ngettext(
            "{n} text says nearly what another one says.",
            "{n} texts say nearly what another one says.",
            n,
        ),
    }[finding.kind]


def action(kind: str) -> str:
    """What is done about it, for a button or a box to tick."""
    return {
        "markup": _("Take the tags out"),
        "spaces": _("Tidy the white space"),
        "personal": _("Mask the personal data"),
        "repeats": _("Leave the repeats out"),
    }[kind]
