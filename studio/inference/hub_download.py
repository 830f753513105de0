"""One file of the hub, downloaded in pieces: resumable, with progress, stoppable between pieces.

Our own loop over the hub library's connection, as the library's downloads start a file of gigabytes
again from nothing when the process was interrupted. Knows no model and no folder layout.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from studio.errors import ModelUnavailable

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 15.0
PIECE_BYTES = 1 << 18
N_FRUITLESS_TRIES = 3
PAUSE_S = 1.0


class HubFileClient:
    """Downloads files of one model at one commit.

    Args:
        endpoint: address of the hub or a mirror.
        repository: `owner/name`.
        commit: which state of it.
    """

    def __init__(self, endpoint: str, repository: str, commit: str) -> None:
        self._endpoint = endpoint
        self._repository = repository
        self._commit = commit

    def download(
        self, name: str, size_bytes: int, target: Path, advanced: Callable[[int], None]
    ) -> None:
        """Bring one file to `target`; goes on from `target` + ".part" if an earlier call left one.

        A connection that breaks is opened again as long as each one brings something.

        Args:
            name: the file's path in the model.
            size_bytes: its announced size.
            target: appears when the file is complete.
            advanced: called with the bytes there are after every piece; may raise to stop.

        Raises:
            ModelUnavailable: the connection breaks again and again, or the file has another size.
            OSError: the disk is full.
        """
        import httpx2
        from huggingface_hub.errors import HfHubHTTPError

        part = target.with_name(target.name + ".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
        n_fruitless = 0
        while (before := part.stat().st_size) < size_bytes:
            try:
                self._append(name, part, advanced)
            except HfHubHTTPError as error:
                raise ModelUnavailable(
                    "{endpoint} does not hand out {file} (error {code}). Try again later, or set "
                    "HF_ENDPOINT to a mirror.",
                    endpoint=self._endpoint,
                    file=name,
                    code=error.response.status_code,
                ) from error
            except httpx2.HTTPError as error:
                n_fruitless = n_fruitless + 1 if part.stat().st_size == before else 0
                if n_fruitless == N_FRUITLESS_TRIES:
                    raise ModelUnavailable(
                        "The connection to {endpoint} breaks again and again. Try later: what has "
                        "arrived is kept, and fetching goes on from there.",
                        endpoint=self._endpoint,
                    ) from error
                time.sleep(PAUSE_S)
                advanced(part.stat().st_size)
            else:
                if part.stat().st_size < size_bytes:
                    break
        if part.stat().st_size != size_bytes:
            part.unlink()
            raise ModelUnavailable(
                "{file} arrived from {endpoint} with another size than announced. Try again later, "
                "or set HF_ENDPOINT to a mirror.",
                file=name,
                endpoint=self._endpoint,
            )
        part.replace(target)

    def _append(self, name: str, part: Path, advanced: Callable[[int], None]) -> None:
        """Read on from where `part` ends, until the other side ends."""
        import httpx2
        from huggingface_hub import get_session, hf_hub_url, hf_raise_for_status
        from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

        url = hf_hub_url(self._repository, name, revision=self._commit, endpoint=self._endpoint)
        start = part.stat().st_size
        headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        timeout = httpx2.Timeout(READ_TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        request = get_session().stream(
            "GET", url, headers=headers, timeout=timeout, follow_redirects=True
        )
        with request as answer:
            hf_raise_for_status(answer)
            is_continued = start > 0 and answer.status_code == httpx2.codes.PARTIAL_CONTENT
            done = start if is_continued else 0
            with part.open("ab" if is_continued else "wb") as file:
                for piece in answer.iter_bytes(PIECE_BYTES):
                    file.write(piece)
                    file.flush()
                    done += len(piece)
                    advanced(done)
