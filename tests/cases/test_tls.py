"""`serve --tls-cert --tls-key`: real handshakes, certificates that change, and what is no TLS."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.cases.wires import RecordingServer, Wire, recording
from tests.gateway.command import gateway_here
from tests.gateway.conftest import Serving, key, serve, talking
from tests.gateway.server_process import serving as serving_process
from transport.protocols import CONNECTIONS, Certificate, Connections, ConnectionTimeouts

__all__ = ["key", "serve"]  # fixtures
Serve = Callable[..., AbstractAsyncContextManager[Serving]]
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def make_certificate(folder: Path, name: str = "one") -> Certificate:
    """A self-signed certificate of 127.0.0.1, in two files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "cert.pem", folder / "key.pem")
    found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    found.key.write_bytes(key.private_bytes(pem, pkcs8, plain))
    return found


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


def believing(certificate: Certificate, version: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """A client's context that believes this certificate alone, and speaks this version alone."""
    context = ssl.create_default_context(cafile=str(certificate.certificate))
    if version is not None:
        context.minimum_version = context.maximum_version = version
    return context


@asynccontextmanager
async def secured(
    certificate: Certificate, timeouts: ConnectionTimeouts | None = None
) -> AsyncGenerator[RecordingServer]:
    async with recording(certificate=certificate) as server:
        registry = Connections(timeouts=timeouts or ConnectionTimeouts())
        server.running.server.lifespan.state[CONNECTIONS] = registry
        yield server
        assert len(registry) <= 1


async def shown_by(port: int) -> bytes:
    """The certificate that the server shows to a new connection."""
    return ssl.PEM_cert_to_DER_cert(await asyncio.to_thread(ssl.get_server_certificate, ("127.0.0.1", port)))


def der(certificate: Certificate) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.certificate.read_text())


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, None])
async def test_tls_is_spoken(certificate: Certificate, version: ssl.TLSVersion | None) -> None:
    """Taken out: `_hand_in`; the handshake then never ends."""
    async with secured(certificate) as server:
        context = believing(certificate, version)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.running.port, ssl=context)
        spoken = writer.get_extra_info("ssl_object").version()
        assert spoken == ("TLSv1.2" if version is ssl.TLSVersion.TLSv1_2 else "TLSv1.3")
        writer.write(REQUEST)
        assert await Wire(reader, writer).statuses() == [200]
        writer.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1")
async def test_tls_before_1_2_is_refused(certificate: Certificate) -> None:
    """Taken out: `minimum_version`."""
    assert certificate.open().minimum_version is ssl.TLSVersion.TLSv1_2
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with secured(certificate) as server:
        with pytest.raises(OSError):  # noqa: PT011 - of TLS or of TCP, as it comes
            await asyncio.open_connection("127.0.0.1", server.running.port, ssl=context)


async def test_tls_begins_wherever_packets_end(certificate: Certificate) -> None:
    """The first flight of a client in pieces, the request right behind the last one."""
    async with secured(certificate) as server:
        for cut in (1, 2, 5, 6, 60, 200):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = believing(certificate).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
            reader, writer = await asyncio.open_connection("127.0.0.1", server.running.port)
            with pytest.raises(ssl.SSLWantReadError):
                tls.do_handshake()
            hello = outgoing.read()
            writer.write(hello[:cut])
            await asyncio.sleep(0.01)
            writer.write(hello[cut:])
            while True:
                incoming.write(await reader.read(65_536))
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    writer.write(outgoing.read())
            tls.write(REQUEST)
            writer.write(outgoing.read())  # with the end of the handshake, in one packet
            incoming.write(await reader.readuntil(b"\x17\x03\x03"))
            assert [each.target for each in server.app.seen[-1:]] == ["/"]
            writer.close()
        assert len(server.app.seen) == 6


async def test_tls_plain_http_is_told(certificate: Certificate) -> None:
    """Taken out: the look at the first byte; the connection then ends without a word."""
    async with secured(certificate) as server, server.wire() as wire:
        wire.writer.write(REQUEST)
        answer = await wire.read_all()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"requires HTTPS" in answer
        assert server.app.seen == []


@pytest.mark.parametrize("begun", [b"", b"\x16", b"\x16\x03\x01\x02\x00", b"\x16" * 500])
async def test_tls_handshakes_end(certificate: Certificate, begun: bytes) -> None:
    """Taken out: that a connection is counted when it is accepted; the peer then has 60 s."""
    async with secured(certificate, ConnectionTimeouts(head=0.3)) as server, server.wire() as wire:
        wire.writer.write(begun)
        assert len(await wire.read_all()) < 100  # an alert at most


async def test_tls_a_new_certificate_ends_nothing(tmp_path: Path, certificate: Certificate) -> None:
    """Taken out: that a broken one is read before it is served."""
    old = der(certificate)
    async with secured(certificate) as server:
        context = believing(certificate)
        reader, writer = await asyncio.open_connection("127.0.0.1", server.running.port, ssl=context)
        make_certificate(tmp_path, "two")
        certificate.reload()
        assert await shown_by(server.running.port) == der(certificate) != old
        good = der(certificate)
        certificate.key.write_text("nothing")
        certificate.reload()
        assert await shown_by(server.running.port) == good
        writer.write(REQUEST)
        assert await Wire(reader, writer).statuses() == [200]
        writer.close()


async def test_tls_requests_are_https(serve: Serve, certificate: Certificate, key: str) -> None:
    """No proxy need say so, and sockets are as safe. Taken out: that the scheme is the connection's."""
    context = believing(certificate)
    async with serve({"certificate": certificate}) as running:
        async with httpx.AsyncClient(verify=context, headers={"Authorization": f"Bearer {key}"}) as client:
            answer = await client.get(f"https://127.0.0.1:{running.port}/v2/products")
            assert answer.status_code == 200
        async with talking(f"wss://127.0.0.1:{running.port}/graphql", ssl=context) as talk:
            await talk.init(key)


@pytest.mark.parametrize("workers", [1, 2])
async def test_tls_sighup_reads_the_certificate_again(
    database_url: str, redis_url: str, tmp_path: Path, certificate: Certificate, workers: int
) -> None:
    """In every process, which stays what it is. Taken out: `handle_hup`, which replaces the processes."""
    arguments = ("--tls-cert", str(certificate.certificate), "--tls-key", str(certificate.key))
    more = ("--workers", str(workers)) if workers > 1 else ()
    context = believing(certificate)
    async with serving_process(
        database_url, *arguments, *more, secured_by=context, GATEWAY_REDIS_URL=redis_url
    ) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
        make_certificate(tmp_path, "two")
        server.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(30):
            in_a_row = 0
            while in_a_row < 10:
                in_a_row = in_a_row + 1 if await shown_by(server.port) == der(certificate) else 0
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert await Wire(reader, writer).statuses() == [200]
        writer.close()
        assert await server.stop() == 0


def test_tls_what_is_wrong_with_the_files_is_said(tmp_path: Path, certificate: Certificate) -> None:
    """Before anything is started. Taken out: each reason."""
    other = tmp_path / "other"
    other.mkdir()
    stranger = make_certificate(other)
    for file, its_key, said in (
        (certificate.certificate, stranger.key, "does not belong to the certificate"),
        (tmp_path / "none.pem", certificate.key, "Cannot read"),
        (certificate.certificate, tmp_path / "none.pem", "Cannot read"),
        (certificate.key, certificate.certificate, "must be a certificate and its key"),
        (tmp_path, certificate.key, "Is a directory"),
    ):
        ended = gateway_here("serve", "--tls-cert", str(file), "--tls-key", str(its_key))
        assert (ended.returncode, said in ended.stderr) == (1, True), ended.stderr
    alone = gateway_here("serve", "--tls-cert", str(certificate.certificate))
    assert (alone.returncode, "--tls-key" in alone.stderr) == (1, True)
