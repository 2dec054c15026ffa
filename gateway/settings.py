"""Settings: ``GATEWAY_*`` variables, read and checked once, at start."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.kernel.crypto import Keyring
from domain.kernel.database import plain_url
from gateway.embedded_postgres import default_data_dir
from gateway.introspection_rule import IntrospectionRule

_ORIGIN = re.compile(r"(?P<scheme>https?)://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]+))?")
"""As browsers write it in ``Origin``: a name in ASCII (IDNs as ``xn--``), no path."""
_UNWRITTEN_PORTS = {"http": "80", "https": "443"}
LAST_PORT = 65_535


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and is meant for a person."""


class Settings(BaseSettings):
    """Everything that can be set. Secrets are never shown by ``gateway settings``."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="forbid", frozen=True)

    database_url: SecretStr | None = Field(
        None, description="postgresql://… of your own PostgreSQL 15 or newer; without it an embedded one is started."
    )
    database_owner_url: SecretStr | None = Field(None, description="A login of its own for migrations.")
    database_system_url: SecretStr | None = Field(None, description="A login of its own for the gateway's own role.")
    database_connections: int = Field(10, ge=2, le=200, description="Connections per pool and process.")
    database_system_connections: int = Field(
        4, ge=2, le=200, description="Connections per process for the sequencer, webhooks and maintenance."
    )
    database_identity_connections: int = Field(
        2, ge=1, le=200, description="Connections per process for looking up keys, which nothing else uses."
    )
    data_dir: Path = Field(
        default_factory=lambda: default_data_dir(os.geteuid() == 0),
        description="Where the embedded database, the demo's keys and a made encryption key are kept.",
    )
    encryption_keys: SecretStr | None = Field(
        None, description="id:base64,…: AES-256 keys, the first is used; `openssl rand -base64 32` makes one."
    )
    redis_url: SecretStr | None = Field(
        None, description="redis://… that wakes other processes; needed for `serve --workers` above 1."
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Addresses (CIDR, comma separated) whose X-Forwarded-For and -Proto are believed."
    )
    connections: int = Field(
        10_000,
        ge=16,
        description="Connections of clients per process; fewer where the limit of open files (ulimit -n) is lower.",
    )
    connections_per_address: int = Field(
        1_000, ge=1, description="Connections per process from one address; trusted proxies have no such limit."
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins (https://shop.example, comma separated; * for all) whose pages may call from a browser.",
    )
    public_url: str | None = Field(
        None,
        description="Where clients reach the gateway (https://api.shop.example), as the OpenAPI document says it; "
        "without it the address of the request is told.",
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="How much is logged.")

    event_retention_days: int = Field(
        30, ge=1, le=3_650, description="Days that events are kept; a cursor from before answers CURSOR_EXPIRED."
    )
    webhook_allowed_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (),
        description="Networks (CIDR, comma separated) that webhooks may reach though they are not public; for "
        "development: `make run` allows loopback.",
    )
    metrics_address: str | None = Field(
        None, description="host:port where Prometheus may read /metrics without a token; not for the public."
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="Opens /metrics on the gateway's own address, as a bearer token."
    )
    engine: Literal["compiled", "strawberry"] = Field(
        "compiled", description="What executes GraphQL: compiled plans, or Strawberry alone, slower and equal."
    )
    introspection: IntrospectionRule = Field(
        IntrospectionRule.AUTO,
        description="Who may introspect the GraphQL schema: auto (test keys, and live keys of accounts that `gateway "
        "accounts introspection` allows it), on, off.",
    )
    documents: Literal["any", "trusted"] = Field(
        "any", description="Which GraphQL is run: any, or only documents that the caller's store has registered."
    )
    demo_images: bool = Field(
        False, description="Whether the pictures of the demo shop are served; `gateway demo --serve` turns it on."
    )
    drain_delay: float = Field(
        2.0, ge=0, le=300, description="Seconds from SIGTERM, when /readyz turns 503, to the end of listening."
    )

    @field_validator("metrics_address")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is not None:
            host_and_port(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be http(s)://host[:port][/path], such as https://api.shop.example")
        return value.rstrip("/")

    @field_validator("trusted_proxies", "webhook_allowed_networks", mode="before")
    @classmethod
    def _read_networks(cls, value: Any) -> Any:
        return tuple(ip_network(part.strip()) for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _read_origins(cls, value: Any) -> Any:
        return tuple(part.strip().lower() for part in value.split(",")) if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if origin != "*":
                _check_origin(origin)
        return value

    @field_validator("database_url", "database_owner_url", "database_system_url")
    @classmethod
    def _check_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            plain_url(value.get_secret_value())
        return value

    @field_validator("encryption_keys")
    @classmethod
    def _check_keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            Keyring.parse(value.get_secret_value())
        return value

    @property
    def event_retention(self) -> timedelta:
        """How long events are kept."""
        return timedelta(days=self.event_retention_days)

    @property
    def encryption_key_file(self) -> Path:
        """Where ``gateway demo`` keeps the encryption key it makes."""
        return self.data_dir / "encryption.key"

    @cached_property
    def keyring(self) -> Keyring:
        """The encryption keys: those set, else the one made by ``gateway demo``. Raises SettingsError."""
        if self.encryption_keys is not None:
            return Keyring.parse(self.encryption_keys.get_secret_value())
        try:
            return Keyring.parse(self.encryption_key_file.read_text().strip())
        except FileNotFoundError:
            raise SettingsError(
                "GATEWAY_ENCRYPTION_KEYS is not set. Make a key with `openssl rand -base64 32` and set it to "
                "k1:<that text>; `make run` makes one by itself."
            ) from None
        except (OSError, ValueError) as error:
            raise SettingsError(f"{self.encryption_key_file}: {error}") from None


def _check_origin(origin: str) -> None:
    """Whether a browser can ever send it. Raises ValueError, since an entry that matches nothing would go unnoticed."""
    if "*" in origin:
        raise ValueError(f"{origin!r} would match nothing: list every origin by its name, or * alone for all")
    written = _ORIGIN.fullmatch(origin)
    if written is None:
        raise ValueError(f"{origin!r} is not an origin such as https://shop.example")
    if written["port"] == _UNWRITTEN_PORTS[written["scheme"]]:
        raise ValueError(f"{origin!r} would match nothing: browsers leave :{written['port']} out")


def host_and_port(address: str) -> tuple[str, int]:
    """``127.0.0.1:9100`` or ``[::1]:9100``, taken apart. Raises ValueError."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > LAST_PORT:
        raise ValueError("must be host:port, such as 127.0.0.1:9100")
    return host, int(port)


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Every secret among the settings, each part of it that is one by itself: what may stand in no log line."""
    values = [getattr(settings, name) for name in Settings.model_fields]
    plain = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    passwords = [urlsplit(value).password or "" for value in plain if "://" in value]
    keys = [part.partition(":")[2] for value in plain if "://" not in value for part in value.split(",")]
    return tuple(part for part in (*plain, *passwords, *keys) if part)


def load_settings() -> Settings:
    """The settings of this process's environment. Raises SettingsError naming every variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"GATEWAY_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}" for each in error.errors()]
        raise SettingsError("; ".join(lines)) from None


def shown(settings: Settings) -> dict[str, str]:
    """Every setting by its variable, secrets masked."""
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    return {f"GATEWAY_{name.upper()}": _shown(value) for name, value in values.items()}


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
