"""Files of evidence for disputes, over both surfaces: checked, bounded, encrypted, and handed to the processor."""

from __future__ import annotations

import asyncio
import threading
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from domain import payments
from domain.kernel.crypto import Keyring
from domain.kernel.database import Database
from domain.kernel.use_cases.outbound import Succeeded
from domain.payments.commands import MAX_FILES, MAX_FILES_BYTES
from domain.payments.commands.disputes import MAX_FILE_BYTES
from domain.payments.ports import EvidenceFile, SubmitEvidence
from domain.payments.service.evidence import MAX_LOOP_BYTES
from gateway.processors import StoredSecrets, processor_keys
from gateway.settings import Settings
from tests.conftest import Client, MakeKey, Shop
from tests.payments.conftest import Pay
from tests.payments.stripe.conftest import LIVE, Adapter
from tests.payments.stripe.requests import charge_of, charged
from tests.payments.stripe.scripted import running_stripe

CONTENTS = {
    "application/pdf": b"%PDF-1.7\nthe plain proof",
    "image/jpeg": b"\xff\xd8\xff\xe0 the plain proof",
    "image/png": b"\x89PNG\r\n\x1a\n the plain proof",
    "text/plain": "the plain proof, signé".encode(),
}
PDF = CONTENTS["application/pdf"]
EVIDENCE = {"transaction_details": "Order 1", "shipping_proof": "Signed", "communication_log": "Thanks"}
ADD = """mutation ($input: AddDisputeFileInput!) { addDisputeFile(input: $input) {
  file { id evidenceType name mediaType size } dispute { version files { id } }
  userErrors { code field message } } }"""
REMOVE = """mutation ($input: RemoveDisputeFileInput!) { removeDisputeFile(input: $input) {
  dispute { version files { id } } userErrors { code field message } } }"""
Upload = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def till(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """A client of the test store, which pays with the sandbox."""
    return Client(http, await make_key(shop.test))


@pytest.fixture
async def dispute(till: Client, make_payment: Pay) -> str:
    """The id of an open dispute of the test store."""
    intent = await make_payment()
    raised = await till("POST", f"/v2/sandbox/payments/{intent.payment_id}/dispute", json={})
    assert raised.status_code == 201, raised.text
    return str(raised.json()["id"])


@pytest.fixture
def upload(till: Client, dispute: str) -> Upload:
    """Upload a file: ``await upload(content, "image/png", name="a.png")``."""

    async def send(content: Any = PDF, media_type: str | None = "application/pdf", **given: Any) -> httpx.Response:
        headers = {**({} if media_type is None else {"Content-Type": media_type}), **given.pop("headers", {})}
        parameters = {"evidence_type": "shipping_proof", "name": "proof.pdf", **given}
        path = f"/v2/payments/disputes/{dispute}/files"
        return await till("POST", path, params=parameters, content=content, headers=headers)

    return send


async def graph(client: Client, query: str, **given: Any) -> Any:
    """The payload of a mutation."""
    answer = (await client("POST", "/graphql", json={"query": query, "variables": {"input": given}})).json()
    assert "errors" not in answer, answer["errors"]
    (found,) = answer["data"].values()
    return found


def input_of(dispute: str, content: bytes = PDF, media_type: str = "application/pdf", **given: Any) -> dict[str, Any]:
    """The input of ``addDisputeFile``."""
    encoded = b64encode(content).decode()
    file = {"evidenceType": "SHIPPING_PROOF", "name": "proof.pdf", "mediaType": media_type, "content": encoded}
    return {"disputeId": dispute, **file, **given}


def problems_of(response: httpx.Response) -> list[tuple[str, str]]:
    return [(each["field"], each["code"]) for each in response.json()["error"]["details"]]


async def state_of(client: Client, dispute: str) -> Any:
    return (await client("GET", f"/v2/payments/disputes/{dispute}")).json()


@pytest.mark.both_servers
async def test_a_file_is_added_read_listed_and_removed_by_rest(till: Client, dispute: str, upload: Upload) -> None:
    before = await state_of(till, dispute)
    added = await upload()
    file = added.json()
    path = f"/v2/payments/disputes/{dispute}/files/{file['id']}"
    assert (added.status_code, added.headers["Location"]) == (201, path)
    expected = {"evidence_type": "shipping_proof", "name": "proof.pdf", "media_type": "application/pdf"}
    assert file == {"id": file["id"], **expected, "size": len(PDF), "created_at": file["created_at"]}
    read = await till("GET", path)
    assert (read.json(), read.headers["ETag"]) == (file, added.headers["ETag"])
    assert (await till("GET", f"/v2/payments/disputes/{dispute}/files")).json() == {"data": [file]}
    after = await state_of(till, dispute)
    assert (after["files"], after["version"]) == ([file], before["version"] + 1)

    stale = await till("DELETE", path, headers={"If-Match": f'"{before["version"]}"'})
    assert stale.status_code == 409
    removed = await till("DELETE", path, headers={"If-Match": read.headers["ETag"]})
    assert (removed.status_code, removed.content) == (204, b"")
    assert (await till("GET", path)).status_code == (await till("DELETE", path)).status_code == 404
    gone = await state_of(till, dispute)
    assert (gone["files"], gone["version"]) == ([], before["version"] + 2)


async def test_a_file_is_added_and_removed_by_graphql(till: Client, dispute: str) -> None:
    version = (await state_of(till, dispute))["version"]
    added = await graph(till, ADD, **input_of(dispute, expectedVersion=version))
    file = added["file"]
    assert added == {
        "file": {
            "id": file["id"],
            "evidenceType": "SHIPPING_PROOF",
            "name": "proof.pdf",
            "mediaType": "application/pdf",
            "size": len(PDF),
        },
        "dispute": {"version": version + 1, "files": [{"id": file["id"]}]},
        "userErrors": [],
    }
    stale = await graph(till, REMOVE, disputeId=dispute, id=file["id"], expectedVersion=version)
    assert [each["code"] for each in stale["userErrors"]] == ["VERSION_MISMATCH"]
    removed = await graph(till, REMOVE, disputeId=dispute, id=file["id"], expectedVersion=version + 1)
    assert removed == {"dispute": {"version": version + 2, "files": []}, "userErrors": []}
    again = await graph(till, REMOVE, disputeId=dispute, id=file["id"])
    assert [(each["code"], each["field"]) for each in again["userErrors"]] == [("NOT_FOUND", ["id"])]


@pytest.mark.parametrize("media_type", CONTENTS)
async def test_each_media_type_is_accepted_with_what_it_says_and_refused_with_anything_else(
    till: Client, dispute: str, upload: Upload, media_type: str
) -> None:
    others = [content for kind, content in CONTENTS.items() if kind != media_type]
    wrong = others if media_type != "text/plain" else [CONTENTS["image/png"], b"cut off \xc3"]
    before = await state_of(till, dispute)
    for content in wrong:
        refused = await upload(content, media_type)
        assert (refused.status_code, problems_of(refused)) == (422, [("content", "INVALID")])
        payload = await graph(till, ADD, **input_of(dispute, content, media_type))
        assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("INVALID", ["content"])]
    assert await state_of(till, dispute) == before
    assert (await upload(CONTENTS[media_type], media_type.upper())).json()["media_type"] == media_type
    added = await graph(till, ADD, **input_of(dispute, CONTENTS[media_type], media_type))
    assert added["file"]["size"] == len(CONTENTS[media_type])


async def test_text_that_is_cut_within_a_character_by_a_slice_is_still_text(upload: Upload) -> None:
    content = b"x" + "é".encode() * 100_000
    assert (await upload(content, "text/plain; charset=UTF-8")).json()["size"] == len(content)


async def test_what_is_no_file_is_refused_naming_the_field(till: Client, dispute: str, upload: Upload) -> None:
    for media_type in (
        None,
        "application/json",
        "image/gif",
        "application/x-www-form-urlencoded",
        "text/plain; charset=latin1",
    ):
        refused = await upload(PDF, media_type)
        assert refused.status_code == 415, media_type
    assert "image/png or text/plain" in refused.json()["error"]["message"]
    empty = await upload(b"")
    assert (empty.status_code, problems_of(empty)) == (422, [("content", "TOO_SHORT")])
    for given, field, status in (
        ({"name": None}, ("name", "REQUIRED"), 422),
        ({"evidence_type": None}, ("evidence_type", "REQUIRED"), 422),
        ({"name": "a/b.pdf"}, ("name", "INVALID"), 400),
        ({"name": "x" * 256}, ("name", "TOO_LONG"), 400),
        ({"evidence_type": "alibi"}, ("evidence_type", "INVALID"), 400),
        ({"more": "1"}, ("more", "UNKNOWN_FIELD"), 400),
    ):
        sent = {
            key: value for key, value in {"evidence_type": "shipping_proof", "name": "a.pdf", **given}.items() if value
        }
        path = f"/v2/payments/disputes/{dispute}/files"
        refused = await till("POST", path, params=sent, content=PDF, headers={"Content-Type": "application/pdf"})
        assert (refused.status_code, problems_of(refused)) == (status, [field])
    for given, expected in (
        ({"content": "no base64!"}, ("INVALID", ["content"])),
        ({"content": ""}, ("TOO_SHORT", ["content"])),
        ({"mediaType": "image/gif"}, ("INVALID", ["mediaType"])),
    ):
        payload = await graph(till, ADD, **{**input_of(dispute), **given})
        assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [expected]
    assert (await state_of(till, dispute))["files"] == []


async def test_ten_mebibytes_are_accepted_and_not_a_byte_more(
    till: Client, dispute: str, upload: Upload, shop: Shop, database: Database
) -> None:
    numbers = b"".join(number.to_bytes(4, "big") for number in range(MAX_FILE_BYTES // 4))
    whole = PDF + numbers[len(PDF) :]
    assert len(whole) == MAX_FILE_BYTES == 10_485_760
    assert (await upload(whole)).json()["size"] == MAX_FILE_BYTES
    async with database.transaction(shop.test) as work:
        (file,) = (await payments.evidence_of(work, dispute)).files
    assert file.content == whole  # it was sent in several messages
    before, sent = await state_of(till, dispute), 0

    async def endless() -> AsyncGenerator[bytes]:
        nonlocal sent
        for _ in range(1_000):
            sent += 65_536
            yield b" " * 65_536

    for content in (whole + b"\0", endless()):
        refused = await upload(content)
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "validation_error")
        assert "10,485,760" in refused.json()["error"]["message"]
    assert sent <= MAX_FILE_BYTES + 2 * 65_536
    announced = await upload(endless(), headers={"Content-Length": str(MAX_FILE_BYTES + 1)})
    assert announced.status_code == 413
    assert await state_of(till, dispute) == before


async def test_a_dispute_has_so_many_files_and_so_many_bytes_of_them(
    till: Client, dispute: str, upload: Upload, shop: Shop, database: Database
) -> None:
    for number in range(MAX_FILES):
        assert (await upload(name=f"{number}.pdf")).status_code == 201
    over = await upload()
    assert (over.status_code, problems_of(over)) == (409, [("dispute_id", "TOO_LONG")])
    payload = await graph(till, ADD, **input_of(dispute))
    assert [(each["code"], each["field"]) for each in payload["userErrors"]] == [("TOO_LONG", ["disputeId"])]

    files = (await state_of(till, dispute))["files"]
    assert [each["name"] for each in files] == [f"{number}.pdf" for number in range(MAX_FILES)]
    removed = await till("DELETE", f"/v2/payments/disputes/{dispute}/files/{files[-1]['id']}")
    assert removed.status_code == 204
    async with database.transaction(shop.test) as work:  # as if the first had been almost as large as all may be
        size = MAX_FILES_BYTES - 18 * len(PDF) - len(PDF)
        given = {"size": size, "id": files[0]["id"]}
        await work.session.execute(text("UPDATE payment_dispute_file SET size = :size WHERE id = :id"), given)
    large = await upload(PDF + b"\0")
    assert (large.status_code, problems_of(large)) == (409, [("dispute_id", "TOO_LARGE")])
    assert (await upload()).status_code == 201


async def test_the_content_is_nowhere_in_the_clear(upload: Upload, shop: Shop, database: Database) -> None:
    added = {kind: (await upload(content, kind)).json()["id"] for kind, content in CONTENTS.items()}
    async with database.transaction(shop.test) as work:
        rows = await work.session.execute(text("SELECT id, content, f::text AS shown FROM payment_dispute_file f"))
        stored = {row.id: row for row in rows}
    assert stored.keys() == set(added.values())
    for kind, id in added.items():
        assert len(stored[id].content) > len(CONTENTS[kind])
        assert b"plain proof" not in stored[id].content
        assert b"plain proof".hex() not in stored[id].shown


async def test_the_files_and_texts_are_handed_to_the_processor(
    till: Client, dispute: str, upload: Upload, shop: Shop, database: Database, settings: Settings
) -> None:
    assert (await upload(name="proof.pdf")).status_code == 201
    log = CONTENTS["text/plain"]
    assert (await upload(log, "text/plain", name="log.txt", evidence_type="communication_log")).status_code == 201
    submitted = await till(
        "POST", f"/v2/payments/disputes/{dispute}/respond", json={"evidence": EVIDENCE, "submit": True}
    )
    assert submitted.json()["status"] == "under_review"

    secrets = StoredSecrets(database, processor_keys(settings))
    bundle = await secrets.evidence(shop.test.store, dispute)
    assert bundle.texts == EVIDENCE
    assert bundle.files == (
        EvidenceFile("shipping_proof", "proof.pdf", "application/pdf", PDF),
        EvidenceFile("communication_log", "log.txt", "text/plain", log),
    )

    async with running_stripe() as stripe:
        adapter = Adapter(stripe.url)
        adapter.bundle = bundle
        charge = await charged(adapter, charge_of(is_captured=True))
        reference = stripe.account.dispute(charge.reference)["id"]
        request = SubmitEvidence(dispute_id=dispute, processor="stripe", reference=reference)
        assert await adapter.send(request, f"{dispute}:evidence:1", LIVE) == Succeeded({})
        await adapter.close()
        assert sorted(stripe.account.contents.values()) == [("log.txt", log), ("proof.pdf", PDF)]


async def test_files_are_refused_once_submitted_and_after_the_deadline(
    till: Client, dispute: str, upload: Upload, shop: Shop, database: Database
) -> None:
    file = (await upload()).json()["id"]
    path = f"/v2/payments/disputes/{dispute}"
    async with database.transaction(shop.test) as work:
        given = {"due": work.now - timedelta(seconds=1), "id": dispute}
        await work.session.execute(text("UPDATE payment_dispute SET respond_by = :due WHERE id = :id"), given)
    await refused_everywhere(till, upload, dispute, file, "The response was due by")
    async with database.transaction(shop.test) as work:
        given = {"due": work.now + timedelta(days=1), "id": dispute}
        await work.session.execute(text("UPDATE payment_dispute SET respond_by = :due WHERE id = :id"), given)
    submitted = await till("POST", f"{path}/respond", json={"evidence": EVIDENCE, "submit": True})
    assert submitted.json()["status"] == "under_review"
    await refused_everywhere(till, upload, dispute, file, "The dispute is under_review")


async def refused_everywhere(till: Client, upload: Upload, dispute: str, file: str, message: str) -> None:
    """Insist that no surface adds or removes a file, and that both say why."""
    before = await state_of(till, dispute)
    for answer in (await upload(), await till("DELETE", f"/v2/payments/disputes/{dispute}/files/{file}")):
        assert (answer.status_code, problems_of(answer)) == (409, [("dispute_id", "ILLEGAL_TRANSITION")])
        assert answer.json()["error"]["message"].startswith(message)
    for payload in (
        await graph(till, ADD, **input_of(dispute)),
        await graph(till, REMOVE, disputeId=dispute, id=file),
    ):
        (error,) = payload["userErrors"]
        assert (error["code"], error["field"]) == ("ILLEGAL_TRANSITION", ["disputeId"])
        assert error["message"].startswith(message)
    assert await state_of(till, dispute) == before


async def test_a_dispute_of_another_store_is_not_found(
    http: httpx.AsyncClient, till: Client, dispute: str, upload: Upload, other_shop: Shop, make_key: MakeKey
) -> None:
    file = (await upload()).json()["id"]
    before = await state_of(till, dispute)
    stranger = Client(http, await make_key(other_shop.test))
    path = f"/v2/payments/disputes/{dispute}/files"
    parameters = {"evidence_type": "shipping_proof", "name": "mine.pdf"}
    headers = {"Content-Type": "application/pdf"}
    for answer in (
        await stranger("POST", path, params=parameters, content=PDF, headers=headers),
        await stranger("GET", path),
        await stranger("GET", f"{path}/{file}"),
        await stranger("DELETE", f"{path}/{file}"),
    ):
        assert answer.status_code == 404
    for payload in (
        await graph(stranger, ADD, **input_of(dispute)),
        await graph(stranger, REMOVE, disputeId=dispute, id=file),
    ):
        assert [each["code"] for each in payload["userErrors"]] == ["NOT_FOUND"]
    assert await state_of(till, dispute) == before


@pytest.mark.both_servers
async def test_an_upload_is_repeated_safely_under_a_key_and_only_with_the_same_bytes(
    till: Client, dispute: str, upload: Upload
) -> None:
    key = {"Idempotency-Key": "upload-1"}
    first, again = await upload(headers=key), await upload(headers=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    for other in (await upload(PDF + b"2", headers=key), await upload(PDF, "text/plain", headers=key)):
        assert (other.status_code, problems_of(other)) == (409, [("idempotency_key", "IDEMPOTENCY_MISMATCH")])
    assert len((await state_of(till, dispute))["files"]) == 1


async def test_parallel_uploads_of_one_version_add_one_file(till: Client, dispute: str, upload: Upload) -> None:
    version = (await till("GET", f"/v2/payments/disputes/{dispute}")).headers["ETag"]
    answers = await asyncio.gather(*(upload(headers={"If-Match": version}) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]
    assert len((await state_of(till, dispute))["files"]) == 1


async def test_a_key_that_may_only_write_is_shown_the_file(
    http: httpx.AsyncClient, dispute: str, shop: Shop, make_key: MakeKey
) -> None:
    writer = Client(http, await make_key(shop.test, "payments:write"))
    parameters, headers = {"evidence_type": "shipping_proof", "name": "a.pdf"}, {"Content-Type": "application/pdf"}
    path = f"/v2/payments/disputes/{dispute}/files"
    added = await writer("POST", path, params=parameters, content=PDF, headers=headers)
    assert (added.status_code, added.json()["name"]) == (201, "a.pdf")
    assert (await writer("GET", path)).status_code == 403
    reader = Client(http, await make_key(shop.test, "payments:read"))
    assert (await reader("POST", path, params=parameters, content=PDF, headers=headers)).status_code == 403
    assert (await reader("DELETE", f"{path}/{added.json()['id']}")).status_code == 403


class WatchedKeyring(Keyring):
    """A keyring that notes the threads in which files are encrypted and decrypted, with the bytes of each."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        super().__init__(keys)
        self.threads: list[tuple[str, int, int]] = []

    def encrypt(self, plain: bytes, context: str) -> bytes:
        """As of the base."""
        self.threads.append(("encrypt", len(plain), threading.get_ident()))
        return super().encrypt(plain, context)

    def decrypt(self, stored: bytes, context: str) -> bytes:
        """As of the base."""
        found = super().decrypt(stored, context)
        self.threads.append(("decrypt", len(found), threading.get_ident()))
        return found


@pytest.fixture
def watched(database: Database, settings: Settings, http: httpx.AsyncClient) -> Iterator[WatchedKeyring]:
    """The keyring of evidence, watched."""
    keyring = WatchedKeyring({"watched": b"k" * 32})
    database.provide(keyring, kind=Keyring)
    yield keyring
    database.provide(settings.keyring, kind=Keyring)


async def test_large_files_are_encrypted_and_decrypted_beside_the_event_loop(
    dispute: str, watched: WatchedKeyring, upload: Upload, shop: Shop, database: Database
) -> None:
    large, small = PDF + b"\0" * MAX_LOOP_BYTES, PDF
    for content in (large, small):
        assert (await upload(content)).status_code == 201
    async with database.transaction(shop.test) as work:
        bundle = await payments.evidence_of(work, dispute)
    assert [each.content for each in bundle.files] == [large, small]
    loop = threading.get_ident()
    assert [(what, size, thread == loop) for what, size, thread in watched.threads] == [
        ("encrypt", len(large), False),
        ("encrypt", len(small), True),
        ("decrypt", len(large), False),
        ("decrypt", len(small), True),
    ]
