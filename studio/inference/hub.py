"""Weights from the Hugging Face hub or a mirror of it.

The hub is first asked what there is (a few seconds, so that a blocked hub is noticed at once); then
exactly those files are downloaded, going on where an earlier attempt was interrupted; then sizes and
checksums are compared with what the hub announced. Only configuration, tokenizer and
safetensors (or one GGUF file) are fetched: no Python code and no pickled weights.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.errors import ModelUnavailable
from studio.inference.checksums import require_sha256, sha256_of
from studio.inference.disk import delete, free_bytes, storage_full
from studio.inference.fetching import Fetched, Watch
from studio.inference.hub_download import HubFileClient
from studio.inference.local_weights import folder_bytes
from studio.inference.model_spec import ModelSpec
from studio.records import Notice

ASK_TIMEOUT_S = 5.0
COMMIT = re.compile(r"[0-9a-f]{40}")
WANTED = re.compile(
    # the folders are those of sentence-transformers' modules
    r"(\d+_\w+/)?(config|model)[\w.-]*\.(json|safetensors)"
    r"|(generation_config|modules|tokenizer|vocab|added_tokens|special_tokens"
    r"|sentence_|chat_template)[\w.-]*\.(json|txt|model|jinja)"
    r"|tokenizer_config\.json|merges\.txt|spiece\.model|sentencepiece\.bpe\.model|LICEN[CS]E[\w.-]*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFile:
    """A file as the hub announces it; `sha256` is known for large files only."""

    name: str
    size_bytes: int
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubListing:
    """What a model consists of at one commit."""

    commit: str
    files: tuple[HubFile, ...]


class HubFetcher:
    """Fetches from the hub at `endpoint`.

    Args:
        endpoint: address of the hub or a mirror, without a slash at the end.
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def can_fetch(self, spec: ModelSpec) -> bool:
        """Whether the model is on the hub, itself or as the alternative of a package."""
        return spec.source == "hub" or bool(spec.hub_alternative)

    def fetch(self, spec: ModelSpec, work: Path, watch: Watch) -> Fetched:
        """Download the model's files at one commit and compare them with the announcement.

        Raises:
            ModelUnavailable: the hub cannot be reached, has no such model, or wants a permission.
            WeightsDiffer: a file is not the announced one.
        """
        location = spec.location if spec.source == "hub" else spec.hub_alternative
        repository, gguf = _parts(location)
        watch.begin(Notice("Asking {endpoint} for {name}", endpoint=self._endpoint, name=spec.name))
        listing = self._ask(spec, repository)
        files = _choose(spec, listing.files, gguf)
        total = sum(file.size_bytes for file in files)
        target = self._target(work, repository, listing.commit)
        needed, free = total - folder_bytes(target), free_bytes(work)
        if free < needed:
            raise storage_full(spec.name, work, needed, free)
        watch.begin(Notice("Fetching {name}", name=spec.name), total, "bytes")
        client = HubFileClient(self._endpoint, repository, listing.commit)
        done = 0
        for file in files:
            client.download(file.name, file.size_bytes, target / file.name, _after(done, watch))
            done += file.size_bytes
        checksums = _check(spec, files, target, watch)
        return Fetched(
            path=target / gguf if gguf else target,
            origin=f"{self._endpoint}/{repository}",
            revision=listing.commit,
            sha256={Path(gguf).name: checksums[gguf]} if gguf else checksums,
        )

    def _ask(self, spec: ModelSpec, repository: str) -> HubListing:
        import httpx2
        from huggingface_hub import HfApi
        from huggingface_hub.errors import (
            GatedRepoError,
            HfHubHTTPError,
            HFValidationError,
            OfflineModeIsEnabled,
            RepositoryNotFoundError,
            RevisionNotFoundError,
        )

        revision = spec.revision if spec.source == "hub" else ""
        try:
            info = HfApi(endpoint=self._endpoint).model_info(
                repository, revision=revision or None, files_metadata=True, timeout=ASK_TIMEOUT_S
            )
        except GatedRepoError as error:
            raise ModelUnavailable(
                "{repository} may only be fetched by people its authors admitted. Open "
                "{endpoint}/{repository} in a browser, accept the terms, then set HF_TOKEN to an "
                "access token of your account and start the studio again.",
                repository=repository,
                endpoint=self._endpoint,
            ) from error
        except RevisionNotFoundError as error:
            raise ModelUnavailable(
                "{repository} has no revision {revision}. Correct the revision, or leave it empty "
                "for the newest.",
                repository=repository,
                revision=revision,
            ) from error
        except (RepositoryNotFoundError, HFValidationError) as error:
            raise ModelUnavailable(
                "{endpoint} has no model called {repository}, or it is private. Check the "
                "spelling; for a private model set HF_TOKEN to an access token.",
                endpoint=self._endpoint,
                repository=repository,
            ) from error
        except HfHubHTTPError as error:
            raise ModelUnavailable(
                "{endpoint} answers with an error ({code}). Try again later, or set HF_ENDPOINT to "
                "a mirror.",
                endpoint=self._endpoint,
                code=error.response.status_code,
            ) from error
        except (httpx2.HTTPError, OfflineModeIsEnabled, OSError, ValueError, TypeError) as error:
            raise _unreachable(spec, self._endpoint) from error
        if not COMMIT.fullmatch(info.sha or ""):  # it names a folder of ours
            raise _unreachable(spec, self._endpoint)
        return _listing(info)

    def _target(self, work: Path, repository: str, commit: str) -> Path:
        """The folder to download into; an interrupted download of the same commit is kept in it."""
        target = work / f"hub-{repository.replace('/', '--')}-{commit[:12]}"
        for other in work.glob("hub-*"):
            if other != target:
                delete(other)
        target.mkdir(parents=True, exist_ok=True)
        return target


def _after(n_bytes: int, watch: Watch) -> Callable[[int], None]:
    """Progress within a file, reported as progress of all: `n_bytes` came before it."""
    return lambda done: watch.advance(n_bytes + done)


def _parts(location: str) -> tuple[str, str]:
    """`owner/name` and the file below it, which is empty for a whole model."""
    owner, name, *file = location.split("/", 2)
    return f"{owner}/{name}", file[0] if file else ""


def _unreachable(spec: ModelSpec, endpoint: str) -> ModelUnavailable:
    return ModelUnavailable(
        "{name} cannot be fetched: {endpoint} does not answer as a model hub. Check the network, "
        "or set HF_ENDPOINT to a mirror and start the studio again.",
        name=spec.name,
        endpoint=endpoint,
    )


def _listing(info: Any) -> HubListing:  # Any: a huggingface_hub ModelInfo, imported lazily
    files = [
        HubFile(
            name=sibling.rfilename,
            size_bytes=sibling.size or 0,
            sha256=sibling.lfs.sha256 if sibling.lfs else "",
        )
        for sibling in info.siblings or ()
    ]
    return HubListing(commit=info.sha, files=tuple(files))


def _choose(spec: ModelSpec, files: Iterable[HubFile], gguf: str) -> tuple[HubFile, ...]:
    """The files that make up the model; of a GGUF collection the one that was asked for."""
    if gguf:
        chosen = tuple(file for file in files if file.name == gguf)
    else:
        chosen = tuple(file for file in files if WANTED.fullmatch(file.name))
    names = {file.name for file in chosen}
    if gguf and not chosen:
        missing = gguf
    elif not gguf and "config.json" not in names:
        missing = "config.json"
    elif not gguf and not any(name.endswith(".safetensors") for name in names):
        missing = "*.safetensors"
    else:
        return chosen
    raise ModelUnavailable(
        "{name} cannot be used: it has no {missing} on the hub. Choose a model that has "
        "config.json and safetensors, or name one GGUF file of it as owner/name/file.gguf.",
        name=spec.name,
        missing=missing,
    )


def _check(
    spec: ModelSpec, files: Iterable[HubFile], folder: Path, watch: Watch
) -> Mapping[str, str]:
    """SHA-256 of the files that the hub announced one for."""
    announced = [file for file in files if file.sha256]
    watch.begin(
        Notice("Checking {name}", name=spec.name), sum(f.size_bytes for f in announced), "bytes"
    )
    before = 0
    found: dict[str, str] = {}
    for file in announced:
        found[file.name] = sha256_of(folder / file.name, _after(before, watch))
        require_sha256(spec.name, file.sha256, found[file.name])
        before += file.size_bytes
    return found
