"""Webhooks can't reach inside: whatever the URL says, however it is written, and whatever its name resolves to."""

from __future__ import annotations

import itertools
from ipaddress import ip_network

import pytest

from domain import webhooks
from domain.kernel.errors import ValidationFailed
from domain.webhooks.address_policy import AddressPolicy, NotPublicError, read_address
from gateway.adapters.http_sender import AiohttpSender
from tests.webhooks.conftest import Hooks
from tests.webhooks.sink import Sink

HOSTILE = (
    "http://127.0.0.1/",
    "http://127.1/",
    "http://127.0.0.1.:80/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://0300.0250.0.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.170.2/v2/credentials",
    "http://172.16.0.1/",
    "http://172.31.255.255/",
    "http://192.0.0.192/",
    "http://192.0.2.1/",
    "http://192.168.1.1/",
    "http://198.18.0.1/",
    "http://198.51.100.1/",
    "http://203.0.113.1/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://[::]/",
    "http://[::1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:a9fe:a9fe]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[64:ff9b::a9fe:a9fe]/",
    "http://[64:ff9b:1::1]/",
    "http://[100::1]/",
    "http://[2001::1]/",
    "http://[2001:db8::1]/",
    "http://[2002:7f00:1::]/",
    "http://[3fff::1]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://localhost/",
    "http://LOCALHOST:8000/",
    "http://a.localhost/",
    "http://printer.local/",
    "http://metadata.google.internal/",
    "http://db/",
    "http://1.0.0.127.in-addr.arpa/",
    "http://user@example.com/",
    "http://user:password@example.com/",
    "http://example.com@127.0.0.1/",
    "http://example.com\\@127.0.0.1/",
    "http://127.0.0.1\\.example.com/",
    "http://exa mple.com/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://%31%32%37.0.0.1/",
    "http://①②⑦.0.0.1/",
    "http://127。0。0。1/",
    "http://-example-.com/",
    "http://example..com/",
    "http:///etc/passwd",
    "http://",
    "//example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "javascript:alert(1)",
)
PUBLIC = (
    "https://example.com/hook?a=b",
    "http://EXAMPLE.com:8080",
    "https://xn--bcher-kva.example/",
    "https://hooks_1.example.com./x",
    "http://93.184.215.14/",
    "http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
    "http://[::ffff:93.184.215.14]/",
    "http://[64:ff9b::5db8:d70e]/",
)


@pytest.mark.parametrize("url", HOSTILE)
async def test_a_hostile_url_is_refused_when_it_is_saved_and_when_it_is_used(url: str) -> None:
    with pytest.raises(NotPublicError):
        AddressPolicy().check_url(url)
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    sender = AiohttpSender(AddressPolicy(), resolve)
    reply = await sender.post(url, {}, b"{}")
    await sender.close()
    assert (reply.status, reply.succeeded, asked) == (None, False, [])


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_url_is_taken(url: str) -> None:
    AddressPolicy().check_url(url)


@pytest.mark.parametrize("address", ["10.0.0.1", "::1", "fe80::1%eth0", "169.254.169.254", "::ffff:192.168.0.1"])
async def test_a_name_is_judged_by_every_address_it_resolves_to(sink: Sink, address: str) -> None:
    """The first of them is public, and would do."""

    async def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14", address]

    sender = AiohttpSender(AddressPolicy(), resolve)
    reply = await sender.post("http://hooks.example.com/", {}, b"{}")
    await sender.close()
    assert reply.error == f"{read_address(address)} is not a public address."


async def test_a_name_that_changes_its_mind_after_the_check_changes_nothing(sink: Sink) -> None:
    """What was judged is what is connected to: nobody asks again in between. With a client that resolves by itself, the
    second answer would lead to the sink."""
    answers = itertools.chain([["192.0.2.1"]], itertools.repeat(["127.0.0.1"]))
    asked = 0

    async def resolve(host: str, port: int) -> list[str]:
        nonlocal asked
        asked += 1
        return next(answers)

    guard = AddressPolicy([ip_network("192.0.2.0/24")])  # as if it were public; nobody answers there
    sender = AiohttpSender(guard, resolve, deadline=0.5)
    first = await sender.post(sink.url("/ok", "rebinding.example.com"), {}, b"{}")
    second = await sender.post(sink.url("/ok", "rebinding.example.com"), {}, b"{}")
    await sender.close()
    assert first.status is None
    assert second.error == "127.0.0.1 is not a public address."
    assert asked == 2
    assert sink.hits == []


async def test_the_original_name_is_asked_for_at_the_checked_address(sink: Sink) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    sender = AiohttpSender(AddressPolicy([ip_network("127.0.0.0/8")]), resolve)
    reply = await sender.post(sink.url("/ok", "hooks.example.com"), {}, b"{}")
    await sender.close()
    assert reply.status == 200
    assert sink.hits[0].headers["host"] == f"hooks.example.com:{sink.port}"


async def test_proxies_of_the_environment_are_not_used(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, sink.url("/secret"))

    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    sender = AiohttpSender(AddressPolicy([ip_network("127.0.0.0/8")]), nowhere)
    reply = await sender.post("http://hooks.example.com/", {}, b"{}")
    await sender.close()
    assert reply.status is None
    assert sink.hits == []


async def test_an_address_inside_is_not_saved(hooks: Hooks) -> None:
    for url in ("http://10.0.0.1/", "http://user@127.0.0.1/"):
        with pytest.raises(ValidationFailed) as refused:
            await hooks.do(webhooks.create_webhook, url=url, events=("*",))
        assert [problem.path for problem in refused.value.problems] == [("url",)]
    assert await hooks.rows("webhook") == []
