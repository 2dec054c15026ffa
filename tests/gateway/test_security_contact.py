"""Whom to tell of a vulnerability (RFC 9116)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from gateway.settings import Settings, SettingsError, load_settings
from tests.gateway.conftest import Serving

PATH = "/.well-known/security.txt"


async def test_the_contact_is_served_without_a_key(serve: Callable[..., Any]) -> None:
    contact, url = "mailto:security@shop.example", "https://api.shop.example"
    async with serve(security_contact=contact, public_url=url) as running, httpx.AsyncClient() as web:
        answer = await web.get(running.url + PATH)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert (fields["Contact"], fields["Canonical"]) == (contact, url + PATH)
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=100) < expires - datetime.now(UTC) < timedelta(days=365)


async def test_without_a_contact_there_is_nothing(gateway: Serving) -> None:
    async with httpx.AsyncClient() as web:
        assert (await web.get(gateway.url + PATH)).status_code == 401  # as any unknown path without a key


@pytest.mark.parametrize("contact", ["security@shop.example", "mailto:a b@shop.example", "http://shop.example"])
def test_a_contact_is_a_uri(settings: Settings, contact: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECURITY_CONTACT", contact)
    with pytest.raises(SettingsError, match="GATEWAY_SECURITY_CONTACT"):
        load_settings()
