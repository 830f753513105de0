"""What was done, in words; the words themselves stand in the log in English."""

from __future__ import annotations

from components.i18n import _
from studio.workspace.activity import Subject


def texts() -> dict[str, str]:
    """The known actions, word of the log -> text."""
    return {
        "created": _("created"),
        "changed settings": _("changed settings"),
        "renamed": _("renamed"),
        "added documents": _("added documents"),
        "removed documents": _("removed documents"),
        "restored documents": _("restored documents"),
        "started a batch": _("started a batch"),
        "deleted a batch": _("deleted a batch"),
        "restored a batch": _("restored a batch"),
        "saved a business model": _("saved a business model"),
        "archived": _("archived"),
        "unarchived": _("took out of the archive"),
        "deleted": _("deleted"),
        "restored": _("restored"),
        "deleted for good": _("deleted for good"),
        "moved to another project": _("moved to another project"),
        "published": _("published"),
        "published another version": _("published another version"),
        "ended a publication": _("ended a publication"),
        "resumed a publication": _("resumed a publication"),
        "made a key": _("made a key"),
        "revoked a key": _("revoked a key"),
        "exported": _("exported"),
        "made a backup": _("made a backup"),
        "made a backup with the keys": _("made a backup with the keys"),
        "made a restore ready": _("made a restore ready"),
        "took back a restore": _("took back a restore"),
        "signed in": _("signed in"),
        "signed out": _("signed out"),
        "added a person": _("added a person"),
        "removed a person": _("removed a person"),
        "changed a role": _("changed a role"),
        "changed a password": _("changed a password"),
        "changed the studio's settings": _("changed the studio's settings"),
    }


def action(word: str) -> str:
    """An action in the user's language; an unknown one as it stands."""
    return texts().get(word, word)


def actor(name: str) -> str:
    """Who did it, also where nobody was signed in."""
    return name or _("at the machine itself")


def subject(what: Subject) -> str:
    """What something was done to."""
    if what.kind == "studio":
        return _("the studio")
    if what.kind == "project":
        return _("project {name}", name=what.name)
    return what.name
