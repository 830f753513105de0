"""API keys, encrypted on the disk.

The keys are encrypted with a key file that only its owner may read, so that a copied database, a
backup or an export carries none of them. Whoever may read both can read them. Never logged, never
part of a message. Knows no provider.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from studio.acting import Acting, Role
from studio.errors import InvalidInput, StudioError
from studio.records import Notice
from studio.workspace.database import storage_errors
from studio.workspace.files import sync_folder, write_atomically


class SecretStore:
    """Texts by name, one encrypted file each; every method is thread-safe.

    Args:
        folder: home of the studio: `secret.key` (mode 0600) and the folder `secrets` lie in it.
            Both are made with the first secret.
        acting: tells who acts; only an owner changes keys.
    """

    def __init__(self, folder: Path, acting: Acting | None = None) -> None:
        self._acting = acting or Acting()
        self._key_file = folder / "secret.key"
        self._folder = folder / "secrets"
        self._making_key = threading.Lock()

    def set(self, name: str, value: str) -> None:
        """Keep a secret under a name, instead of the one before; it is on the disk on return.

        Raises:
            AccessDenied: whoever acts is no owner.
            InvalidInput: the name or the secret is empty.
            StudioError: the folder cannot be written to.
        """
        self._acting.require(Role.OWNER)
        if not name or not value.strip():
            raise InvalidInput(
                "The API key is empty. Enter it.", fields={"value": Notice("Enter the key.")}
            )
        with storage_errors(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._making_key:
                key = self._key()
            token = key.encrypt(value.strip().encode()).decode()
            content = json.dumps({"name": name, "token": token}, ensure_ascii=False)
            write_atomically(self._path(name), content.encode())

    def get(self, name: str) -> str | None:
        """The secret of that name; None when there is none.

        Raises:
            StudioError: it is there, but the key file is lost or changed: it must be entered again.
        """
        path = self._path(name)
        with storage_errors(path):
            try:
                token = json.loads(path.read_bytes())["token"]
                return Fernet(self._key_file.read_bytes()).decrypt(token).decode()
            except FileNotFoundError:
                if not path.exists():
                    return None
            except (ValueError, KeyError, TypeError, InvalidToken):
                pass  # the causes say nothing that helps, and could quote a secret
        raise StudioError(
            "The saved API key {name} cannot be read, because {file} is missing or was changed."
            " Enter the API key again; nothing else is lost.",
            name=name,
            file=self._key_file,
        )

    def delete(self, name: str) -> None:
        """Forget the secret of that name; does nothing when there is none.

        Raises:
            AccessDenied: whoever acts is no owner.
            StudioError: its file cannot be removed.
        """
        self._acting.require(Role.OWNER)
        with storage_errors(self._folder):
            self._path(name).unlink(missing_ok=True)

    def names(self) -> tuple[str, ...]:
        """The names of all secrets, in order; also of those that cannot be read any more.

        Raises:
            StudioError: the folder cannot be read.
        """
        with storage_errors(self._folder):
            texts = [path.read_bytes() for path in self._folder.glob("*.json")]
        return tuple(sorted(json.loads(text)["name"] for text in texts))

    def _path(self, name: str) -> Path:
        # A hash is a valid file name whatever the name is.
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()[:32]}.json"

    def _key(self) -> Fernet:
        """The key; a new one when there is none, and in place of one that is damaged."""
        try:
            return Fernet(self._key_file.read_bytes())
        except FileNotFoundError:
            pass
        except ValueError:
            os.replace(self._key_file, self._key_file.with_suffix(".key.damaged"))
        self._make_key()
        return Fernet(self._key_file.read_bytes())

    def _make_key(self) -> None:
        handle, name = tempfile.mkstemp(dir=self._key_file.parent, prefix=".new-")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            # Unlike a rename, a link fails if another process was first; then its key is the key.
            os.link(name, self._key_file)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(name, self._key_file)
        finally:
            Path(name).unlink(missing_ok=True)
        sync_folder(self._key_file.parent)
