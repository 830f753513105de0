"""Settings of a running studio. The only module that reads the environment.

`Settings()` gives the defaults, `Settings.from_env()` lets `STUDIO_*` variables override them; both
are plain values that are passed down, nothing is read again later.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Literal, TypeAlias, cast, get_args

from studio.errors import InvalidInput

SignIn: TypeAlias = Literal["auto", "required", "off"]

SIGN_IN: tuple[str, ...] = get_args(SignIn)

VERSION = "0.1.0"
"""Of the studio; `studio.__version__`."""

SHORTEST_STEP_S = 60
"""Below that, `STUDIO_STEP_S` would give up models that work; it counts as this."""

SERVICE_SECRET = "model-service"
"""What the catalogue calls the key of `STUDIO_SERVICE_KEY`."""

_KEY_PREFIX = "STUDIO_KEY_"


def _default_home() -> Path:
    return Path.home() / ".prototype-studio"


def default_threads() -> int:
    """Threads that models compute with where nobody has said or measured better."""
    # One core stays with the pages, else they starve while a model works; a single core is shared.
    return max(1, (os.cpu_count() or 2) - 1) if (os.cpu_count() or 2) > 2 else os.cpu_count() or 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie and how much the studio may use.

    Attributes:
        home: folder of everything the studio keeps (`STUDIO_HOME`).
        database_url: SQLAlchemy URL of the workspace; a SQLite file in `home` by default
            (`STUDIO_DATABASE_URL`).
        milvus_uri: server that large collections are searched in, `http://host:19530`
            (`STUDIO_MILVUS_URI`); FAISS in this process by default.
        milvus_token: "user:password" or key for it (`STUDIO_MILVUS_TOKEN`).
        service_url: model service that the default models run at instead of here,
            `http://host:8600/v1` (`STUDIO_SERVICE_URL`): `studio serve --ray`, or another cluster that
            speaks OpenAI's protocol.
        service_key: its key (`STUDIO_SERVICE_KEY`); `studio serve --ray` wants the same.
        service_models: ids of the built-in models that run there, separated by commas
            (`STUDIO_SERVICE_MODELS`); the default ones where none is named.
        hub_endpoint: address of the model hub or of a mirror (`HF_ENDPOINT`).
        offline: fetch nothing from any network (`STUDIO_OFFLINE=1`).
        model_memory_bytes: what loaded models may hold together before the least recently used one
            is unloaded (`STUDIO_MODEL_MEMORY_MB`).
        n_threads: threads a model may compute with (`STUDIO_THREADS`).
        threads_are_set: whether the user said so; otherwise what was measured here counts.
        max_queue: waiting requests per model before "busy, try again" (`STUDIO_MAX_QUEUE`).
        deadline_s: after so many seconds without any piece of its answer a request ends with an error;
            jobs may wait longer (`STUDIO_DEADLINE_S`).
        step_s: seconds after which one step of a model is taken to hang and the model is loaded
            anew; from the environment `SHORTEST_STEP_S` or more, as big models on slow machines
            take their time (`STUDIO_STEP_S`).
        max_wait_s: seconds that a person's request is expected to wait in the queue before it is
            refused at once (`STUDIO_MAX_WAIT_S`); less while more is asked than can be done.
        machine_hour_usd: assumed price of one hour of this machine (`STUDIO_MACHINE_HOUR_USD`).
        max_upload_bytes: largest file that is read (`STUDIO_MAX_UPLOAD_MB`).
        embedding_cache_bytes: how large the kept vectors of passages may grow before those unused
            for longest are dropped; 0 keeps none (`STUDIO_EMBEDDING_CACHE_MB`).
        public_data: folder of the public collections that benchmarks search; None where it is not
            named (`STUDIO_DATA`).
        remote_keys: keys of remote models by the name of their variable, for where nobody can enter
            them on a page (`STUDIO_KEY_*`, see `key_variable`); never shown.
        api_origins: web pages of other addresses that may call the HTTP interface from a browser, as
            `https://shop.example`; none by default (`STUDIO_API_ORIGINS`, separated by commas).
        max_api_body_bytes: largest request that the HTTP interface reads (`STUDIO_API_MAX_BODY_KB`).
        log: "json" for a log in lines of JSON, "plain" for plain lines (`STUDIO_LOG`).
        metrics_token: lets `/metrics` and `/ready` be read from elsewhere than this machine; empty
            for nobody (`STUDIO_METRICS_TOKEN`).
        sign_in: who has to sign in: "auto" (everybody, once others can reach the server), "required" or
            "off" (`STUDIO_SIGN_IN`).
        sign_in_days: for how long a browser stays signed in (`STUDIO_SIGN_IN_DAYS`).
        is_demo: use the labelled deterministic demo engine instead of models (`STUDIO_DEMO=1`).
    """

    home: Path = field(default_factory=_default_home)
    database_url: str = ""
    milvus_uri: str = ""
    milvus_token: str = field(default="", repr=False)
    service_url: str = ""
    service_key: str = field(default="", repr=False)
    service_models: tuple[str, ...] = ()
    hub_endpoint: str = "https://huggingface.co"
    offline: bool = False
    model_memory_bytes: int = 6 * 2**30
    n_threads: int = field(default_factory=default_threads)
    threads_are_set: bool = False
    max_queue: int = 256
    deadline_s: int = 120
    step_s: int = 300
    max_wait_s: int = 10
    machine_hour_usd: Decimal = Decimal("0.10")
    max_upload_bytes: int = 200 * 2**20
    embedding_cache_bytes: int = 2 * 2**30
    public_data: Path | None = None
    remote_keys: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    api_origins: tuple[str, ...] = ()
    max_api_body_bytes: int = 4 * 2**20
    log: str = "plain"
    metrics_token: str = field(default="", repr=False)
    sign_in: SignIn = "auto"
    sign_in_days: int = 14
    is_demo: bool = False

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InvalidInput: a number is out of range; names the variable and what is allowed.
        """
        for name, value in (
            ("STUDIO_MODEL_MEMORY_MB", self.model_memory_bytes),
            ("STUDIO_THREADS", self.n_threads),
            ("STUDIO_MAX_QUEUE", self.max_queue),
            ("STUDIO_DEADLINE_S", self.deadline_s),
            ("STUDIO_STEP_S", self.step_s),
            ("STUDIO_MAX_WAIT_S", self.max_wait_s),
            ("STUDIO_MAX_UPLOAD_MB", self.max_upload_bytes),
            ("STUDIO_API_MAX_BODY_KB", self.max_api_body_bytes),
            ("STUDIO_SIGN_IN_DAYS", self.sign_in_days),
        ):
            if value < 1:
                raise InvalidInput(
                    "{name} is {value}; it must be 1 or more.", name=name, value=value
                )
        if self.log not in ("plain", "json"):
            raise InvalidInput(
                "STUDIO_LOG is {value}; it can be {allowed}.",
                value=self.log,
                allowed="plain, json",
            )
        if self.sign_in not in SIGN_IN:
            raise InvalidInput(
                "STUDIO_SIGN_IN is {value}; it can be {allowed}.",
                value=self.sign_in,
                allowed=", ".join(SIGN_IN),
            )
        for name, amount in (
            ("STUDIO_EMBEDDING_CACHE_MB", self.embedding_cache_bytes),
            ("STUDIO_MACHINE_HOUR_USD", self.machine_hour_usd),
        ):
            if amount < 0:
                raise InvalidInput(
                    "{name} is {value}; it must be 0 or more.", name=name, value=amount
                )

    def remote_key(self, name: str) -> str | None:
        """The key that the environment has for a secret of that name; None for none."""
        if name == SERVICE_SECRET:
            return self.service_key or None
        return dict(self.remote_keys).get(key_variable(name))

    @property
    def models_dir(self) -> Path:
        """Folder of the fetched and converted weights."""
        return self.home / "models"

    @property
    def indexes_dir(self) -> Path:
        """Folder of the retrieval indexes, one below it per prototype."""
        return self.home / "indexes"

    @property
    def tuned_dir(self) -> Path:
        """Folder of the models that were fine-tuned here, one below it per run."""
        return self.home / "tuned"

    @property
    def cache_dir(self) -> Path:
        """Folder of what can be computed again."""
        return self.home / "cache"

    @property
    def workspace_url(self) -> str:
        """SQLAlchemy URL of the workspace database."""
        return self.database_url or f"sqlite:///{self.home / 'workspace.db'}"

    @property
    def ledger_path(self) -> Path:
        """SQLite file of the ledger, where it is in one."""
        return self.home / "ledger.db"

    @property
    def ledger_location(self) -> Path | str:
        """Where the ledger is: beside the workspace in a PostgreSQL database, else in its file."""
        return self.database_url if self.database_url.startswith("postgresql") else self.ledger_path

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Settings with the `STUDIO_*` variables applied.

        Args:
            environ: the variables; the process environment by default.

        Raises:
            InvalidInput: a variable is not a number or out of range.
        """
        env = os.environ if environ is None else environ
        base = cls()
        return cls(
            home=Path(env["STUDIO_HOME"]).expanduser() if env.get("STUDIO_HOME") else base.home,
            database_url=env.get("STUDIO_DATABASE_URL", ""),
            milvus_uri=env.get("STUDIO_MILVUS_URI", ""),
            milvus_token=env.get("STUDIO_MILVUS_TOKEN", ""),
            service_url=env.get("STUDIO_SERVICE_URL", "").strip().rstrip("/"),
            service_key=env.get("STUDIO_SERVICE_KEY", "").strip(),
            service_models=_names(env, "STUDIO_SERVICE_MODELS"),
            hub_endpoint=(env.get("HF_ENDPOINT") or base.hub_endpoint).rstrip("/"),
            offline=env.get("STUDIO_OFFLINE", "") not in ("", "0"),
            model_memory_bytes=_integer(
                env, "STUDIO_MODEL_MEMORY_MB", base.model_memory_bytes >> 20
            )
            << 20,
            n_threads=_integer(env, "STUDIO_THREADS", base.n_threads),
            threads_are_set=bool(env.get("STUDIO_THREADS")),
            max_queue=_integer(env, "STUDIO_MAX_QUEUE", base.max_queue),
            deadline_s=_integer(env, "STUDIO_DEADLINE_S", base.deadline_s),
            step_s=max(SHORTEST_STEP_S, _integer(env, "STUDIO_STEP_S", base.step_s)),
            max_wait_s=_integer(env, "STUDIO_MAX_WAIT_S", base.max_wait_s),
            machine_hour_usd=_decimal(env, "STUDIO_MACHINE_HOUR_USD", base.machine_hour_usd),
            max_upload_bytes=_integer(env, "STUDIO_MAX_UPLOAD_MB", base.max_upload_bytes >> 20)
            << 20,
            embedding_cache_bytes=_integer(
                env, "STUDIO_EMBEDDING_CACHE_MB", base.embedding_cache_bytes >> 20
            )
            << 20,
            public_data=Path(env["STUDIO_DATA"]).expanduser() if env.get("STUDIO_DATA") else None,
            remote_keys=tuple(
                (name, value.strip())
                for name, value in sorted(env.items())
                if name.startswith(_KEY_PREFIX) and value.strip()
            ),
            api_origins=tuple(origin.rstrip("/") for origin in _names(env, "STUDIO_API_ORIGINS")),
            max_api_body_bytes=_integer(
                env, "STUDIO_API_MAX_BODY_KB", base.max_api_body_bytes >> 10
            )
            << 10,
            log=env.get("STUDIO_LOG") or base.log,
            metrics_token=env.get("STUDIO_METRICS_TOKEN", ""),
            sign_in=cast("SignIn", env.get("STUDIO_SIGN_IN") or base.sign_in),  # checked above
            sign_in_days=_integer(env, "STUDIO_SIGN_IN_DAYS", base.sign_in_days),
            is_demo=env.get("STUDIO_DEMO", "") not in ("", "0"),
        )


def key_variable(name: str) -> str:
    """The environment variable for the key stored under a name: "my-host" -> STUDIO_KEY_MY_HOST."""
    return _KEY_PREFIX + re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")


def _names(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    """What a variable lists, separated by commas."""
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError as error:
        raise InvalidInput(
            "{name} is {value!r}; it must be a whole number.", name=name, value=text
        ) from error


def _decimal(env: Mapping[str, str], name: str, default: Decimal) -> Decimal:
    text = env.get(name, "")
    if not text:
        return default
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(
            "{name} is {value!r}; it must be a number.", name=name, value=text
        ) from error
    if not value.is_finite():
        raise InvalidInput("{name} is {value!r}; it must be a number.", name=name, value=text)
    return value
