"""Settings: ``GATEWAY_*`` variables, read and checked once, at start."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.kernel.crypto import Keyring
from domain.kernel.database import plain_url
from gateway.embedded_postgres import default_data_dir
from gateway.introspection_rule import IntrospectionRule
from gateway.setting_formats import check_origin, host_and_port


class SettingsError(Exception):
    """A setting is missing or wrong; the message names it and is meant for a person."""


class Settings(BaseSettings):
    """All settings. ``gateway settings`` masks secrets."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", extra="forbid", frozen=True)

    database_url: SecretStr | None = Field(
        None, description="postgresql:// URL of PostgreSQL 15 or newer. Default: the embedded PostgreSQL."
    )
    database_owner_url: SecretStr | None = Field(None, description="URL with a separate login for migrations.")
    database_system_url: SecretStr | None = Field(
        None, description="URL with a separate login for the system role of the gateway."
    )
    database_replica_url: SecretStr | None = Field(
        None,
        description="URL of a physical standby for reports. Reports use it while its lag is within the limit, "
        "otherwise the primary. Default: the primary.",
    )
    database_replica_max_lag: float = Field(
        30.0, gt=0, le=3_600, description="The lag of the standby, in seconds, up to which reports use it."
    )
    database_connections: int = Field(10, ge=2, le=200, description="Database connections per process, for requests.")
    database_system_connections: int = Field(
        4, ge=2, le=200, description="Database connections per process, for the sequencer, webhooks and maintenance."
    )
    database_storefront_connections: int = Field(
        10, ge=1, le=200, description="Database connections per process, for publishable keys. None is opened before."
    )
    database_identity_connections: int = Field(
        2, ge=1, le=200, description="Database connections per process, for looking up API keys only."
    )
    data_dir: Path = Field(
        default_factory=lambda: default_data_dir(os.geteuid() == 0),
        description="Directory of the embedded database, the keys of the demo and a generated encryption key.",
    )
    object_store_url: str | None = Field(
        None,
        pattern=r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._-]+)*$",
        description="Bucket and prefix of keys, such as s3://bucket/gateway, for uploaded files and results of jobs. "
        "Default: GATEWAY_DATA_DIR.",
    )
    object_store_endpoint: str | None = Field(
        None,
        pattern=r"^https?://[^/@?#\s]+$",
        description="Address of an S3-compatible server, such as https://s3.example:9000. Default: that of AWS.",
    )
    object_store_region: str = Field("us-east-1", description="Region of the bucket.")
    object_store_access_key: SecretStr | None = Field(
        None, description="Access key of the bucket. Default: the role of the machine at AWS."
    )
    object_store_secret_key: SecretStr | None = Field(
        None, validate_default=True, description="Secret key that belongs to GATEWAY_OBJECT_STORE_ACCESS_KEY."
    )
    encryption_keys: SecretStr | None = Field(
        None,
        description="AES-256 keys, id:base64,…; the first encrypts. Create: `openssl rand -base64 32`.",
    )
    redis_url: SecretStr | None = Field(
        None, description="Redis URL for wakeups between processes. Required for more than one server process."
    )
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (), description="Proxies (CIDR, comma-separated) whose X-Forwarded-* headers are trusted."
    )
    connections: int = Field(
        10_000,
        ge=16,
        description="Maximum client connections per process. Lower if the limit of open files (ulimit -n) is lower.",
    )
    connections_per_address: int = Field(
        1_000,
        ge=1,
        description="Maximum client connections per process from one address. Does not apply to trusted proxies.",
    )
    running_requests: int | None = Field(
        None,
        ge=4,
        le=10_000,
        description="Requests that a process runs at the same time, one account at most three quarters of them. Others "
        "wait, in a queue of their account. Default: a quarter more than GATEWAY_DATABASE_CONNECTIONS, at least 4.",
    )
    request_wait: float = Field(
        1.0,
        gt=0,
        le=30,
        description="Seconds after its arrival at which a request that still waits to run is refused with 503.",
    )
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="Origins (such as https://shop.example, comma-separated; * for all) that browsers may call from, "
        "besides those that stores list in publishable keys and in redirect URIs of public clients.",
    )
    public_url: str | None = Field(
        None,
        description="Public URL of the gateway (such as https://api.shop.example) in the OpenAPI document, of "
        "the pages for 3-D Secure in the sandbox, of invitations, and the issuer of OAuth. Default: the host of the "
        "request (OAuth: on loopback only); for these pages and invitations, this machine at port 8000.",
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Log level.")

    event_retention_days: int = Field(
        30, ge=1, le=3_650, description="Days that events are stored. Older cursors return CURSOR_EXPIRED."
    )
    webhook_allowed_networks: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        (),
        description="Networks (CIDR, comma-separated) that webhooks may reach although they are not public. For "
        "development; `make run` allows loopback.",
    )
    stripe_secret_key: SecretStr | None = Field(
        None, description="Secret key at Stripe of live stores that have set none of their own."
    )
    stripe_webhook_secret: SecretStr | None = Field(
        None, description="Signing secret of Stripe's webhooks, with the key of GATEWAY_STRIPE_SECRET_KEY."
    )
    stripe_raw_cards: bool = Field(
        False, description="Whether Stripe accepts card numbers with the key of GATEWAY_STRIPE_SECRET_KEY."
    )
    stripe_api_url: str | None = Field(
        None, description="Another address of Stripe's API, for tests against a server of one's own."
    )
    security_contact: str | None = Field(
        None,
        pattern=r"^(mailto:|https://)[!-~]+$",
        description="Contact for vulnerabilities, as a mailto: or https: URI, in /.well-known/security.txt.",
    )
    rate_limits: Literal["on", "off"] = Field(
        "on", description="Whether the rate limits of plans and keys apply. `off` for a gateway that only you use."
    )
    carrier_timeout: float = Field(
        3.0, gt=0, le=25, description="Seconds after which a carrier without a response is left out of shipping rates."
    )
    metrics_address: str | None = Field(
        None, description="host:port of a separate /metrics endpoint without a token. Must not be public."
    )
    metrics_token: SecretStr | None = Field(
        None, min_length=16, description="Bearer token that enables /metrics on the public port."
    )
    engine: Literal["compiled", "strawberry"] = Field(
        "compiled", description="GraphQL engine: `compiled` (fast), or `strawberry` (reference, slower, same results)."
    )
    introspection: IntrospectionRule = Field(
        IntrospectionRule.AUTO,
        description="Introspection of the GraphQL schema: `auto` (test keys, and live keys of accounts allowed by "
        "`gateway accounts introspection`), `on` or `off`.",
    )
    documents: Literal["any", "trusted"] = Field(
        "any",
        description="GraphQL documents that may run: `any`, or `trusted` (only documents registered in the store).",
    )
    demo_images: bool = Field(
        False, description="Whether to serve the images of the demo shop. `gateway demo --serve` turns it on."
    )
    drain_delay: float = Field(
        2.0, ge=0, le=300, description="Seconds between SIGTERM (when /readyz returns 503) and closing the listener."
    )

    @field_validator("object_store_secret_key")
    @classmethod
    def _check_key_pair(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if (value is None) != (info.data.get("object_store_access_key") is None):
            raise ValueError("must be set if, and only if, GATEWAY_OBJECT_STORE_ACCESS_KEY is")
        return value

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
                check_origin(origin)
        return value

    @field_validator("database_url", "database_owner_url", "database_system_url", "database_replica_url")
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
    def request_slots(self) -> int:
        """How many requests a process runs at once. By default an account, with three quarters of them, cannot use up
        the connections of a pool.
        """
        return self.running_requests or max(4, self.database_connections * 5 // 4)

    @property
    def event_retention(self) -> timedelta:
        """The retention of events."""
        return timedelta(days=self.event_retention_days)

    @property
    def encryption_key_file(self) -> Path:
        """The file of the encryption key that ``gateway demo`` generates."""
        return self.data_dir / "encryption.key"

    @cached_property
    def keyring(self) -> Keyring:
        """The encryption keys of the settings, or the one generated by ``gateway demo``. Raises SettingsError."""
        if self.encryption_keys is not None:
            return Keyring.parse(self.encryption_keys.get_secret_value())
        try:
            return Keyring.parse(self.encryption_key_file.read_text().strip())
        except FileNotFoundError:
            raise SettingsError(
                "GATEWAY_ENCRYPTION_KEYS is not set. Create a key with `openssl rand -base64 32` and set it to "
                "k1:<key>. `make run` creates one by itself."
            ) from None
        except (OSError, ValueError) as error:
            raise SettingsError(f"{self.encryption_key_file}: {error}") from None


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
