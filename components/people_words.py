"""Roles in words, and what they mean for whoever looks."""

from __future__ import annotations

from components import who
from components.i18n import _
from studio.acting import Role


def role(which: Role) -> str:
    """What a role is called."""
    return {
        Role.NOBODY: _("Nobody"),
        Role.VIEWER: _("Viewer"),
        Role.EDITOR: _("Editor"),
        Role.OWNER: _("Owner"),
    }[which]


def explained(which: Role) -> str:
    """What a role may do, in a sentence."""
    return {
        Role.NOBODY: _("May do nothing."),
        Role.VIEWER: _("Looks at everything and tries it, and changes nothing."),
        Role.EDITOR: _("Builds: makes, changes, archives and deletes prototypes and projects."),
        Role.OWNER: _("Also manages people, keys and publications, and deletes for good."),
    }[which]


def kept() -> str:
    """What becomes of the settings that whoever looks changes."""
    if who.may(Role.EDITOR):
        return _("Every change is kept at once.")
    return _("You look on as a viewer: what you change is not kept.")
