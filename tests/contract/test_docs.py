"""README and docs/: tables are those of the code, paths and links lead somewhere, and every block is run."""

from __future__ import annotations

import ast
import asyncio
import json
import re
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from graphql import parse, validate

import schema
from docs.generate import CODES, DOCS, FAILURES, REQUEST_ID, TABLES, generate
from domain.access import oauth
from domain.access.commands import CreateOAuthClient
from domain.kernel.database import Database
from domain.kernel.errors import DomainError
from gateway.execution.failures import Code, failure_of
from tests.conftest import MakeKey, Shop
from tests.contract.documentation import (
    ID,
    KEY_LINE,
    PAGES,
    ROOT,
    TEST_KEY_LINE,
    TEXTS,
    URL,
    Block,
    Call,
    blocks,
    call_of,
    check_command,
    commands,
    shape_of,
)
from tests.contract.request_bodies import LINES, MUTATION
from tests.gateway.conftest import Serving, serve  # noqa: F401 - a fixture

CODE = re.compile(r"`([A-Za-z_0-9./-]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
TOP = frozenset(path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))
GENERATED_BY_TOOLS = frozenset({"tests/tools/node_modules"})
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
LANGUAGES = {
    "sh": "run, or known to Makefile and command line",
    "graphql": "executed with the variables that follow",
    "json": "variables, or a response that is compared",
    "js": "run by tests/tools/clients",
    "html": "opened in a browser by tests/gateway/clients/test_documented_pages.py",
    "python": "compiled",
    "sql": "shown",
    "": "shown",
}
HOME = {"line1": "1 High Street", "city": "Leeds", "zip": "LS1 1AA", "country": "GB"}


@pytest.mark.parametrize("page", TABLES)
def test_tables_are_as_the_code_has_them(page: str) -> None:
    committed = (DOCS / page).read_text(encoding="utf-8")
    assert committed == generate(page, committed), "run `make docs`"


def test_every_kind_of_failure_has_a_row() -> None:
    def kinds(of: type[DomainError]) -> set[type[DomainError]]:
        return {kind for each in of.__subclasses__() for kind in {each, *kinds(each)}}

    declared = {kind for kind in kinds(DomainError) if kind.__module__ == "domain.kernel.errors"}
    assert {type(error) for error in FAILURES.values()} == declared


OF_EVERY_ERROR = frozenset({"code", "requestId", "retryAfter", "problems"})
"""Extensions that the rows of single codes need not name."""


def test_the_extensions_that_the_codes_name_are_those_that_are_sent() -> None:
    sent: dict[Code, set[str]] = {}
    for error in FAILURES.values():
        failure = failure_of(error, REQUEST_ID)
        sent.setdefault(failure.code, set()).update(failure.body(REQUEST_ID)["extensions"])
    named = {code: set(re.findall(r"`([a-z]+[A-Za-z]*)`", CODES[code])) for code in sent}
    assert {code: names - sent[code] for code, names in named.items() if names - sent[code]} == {}
    unnamed = {code: sent[code] - names - OF_EVERY_ERROR for code, names in named.items()}
    assert {code: names for code, names in unnamed.items() if names} == {}


def test_a_page_without_the_place_of_its_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"docs/events\.md"):
        generate("events.md", "# Events\n")


def test_the_readme_has_at_most_150_lines() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


def named_paths(page: Path) -> set[str]:
    """The paths that stand as code in a text; in the tables of old names only those of today."""
    text = page.read_text(encoding="utf-8")
    if page.name == "glossary.md":
        text = re.sub(r"^\| `[^`]+` \| (?=`[a-z_]+/)", "", text, flags=re.MULTILINE)
    return {
        path
        for path in CODE.findall(text)
        if (path.split("/")[0] in TOP and "/" in path) or (path.endswith((".py", ".toml", ".md")) and "/" in path)
    }


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_is_there(page: Path) -> None:
    missing = [
        path
        for path in named_paths(page)
        if not (ROOT / path).exists() and not (page.parent / path).exists() and path not in GENERATED_BY_TOOLS
    ]
    assert missing == []


SYMBOL_ROW = re.compile(r"^\| `.+` \| `([^`]+)` \| `([^`]+\.py)` \|$", re.MULTILINE)


def symbols_of(path: Path) -> set[str]:
    """The classes, functions and variables of a module; members stand after their class."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return {name for node in ast.walk(tree) for name in _bound(node)} | {
        f"{each.name}.{name}" for each in classes for node in ast.walk(each) for name in _bound(node)
    }


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
        yield node.id if isinstance(node, ast.Name) else node.attr


def test_every_present_name_of_the_glossary_is_in_its_module() -> None:
    """Fails when a class is renamed, or moves, and its row stays."""
    rows = SYMBOL_ROW.findall((DOCS / "glossary.md").read_text(encoding="utf-8"))
    known = {module: symbols_of(ROOT / module) for module in {module for _, module in rows} if (ROOT / module).exists()}
    assert len(rows) > 500
    assert [row for row in rows if row[0] not in known.get(row[1], ())] == []


def anchor_of(heading: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page."""
    return {anchor_of(heading) for heading in HEADING.findall(page.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", TEXTS, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page if not path else (page.parent / path).resolve()
        if "://" not in link and (not target.exists() or (anchor and anchor not in anchors_of(target))):
            broken.append(link)
    assert broken == []


def test_decisions_are_numbered_headings() -> None:
    text = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
    numbers = [int(number) for number in re.findall(r"^## (\d+)\. ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) == text.count("\n## ")


@dataclass(slots=True)
class Documented:
    """A served gateway, a key, and what the pages name of the demo shop."""

    http: httpx.AsyncClient
    stores: Mapping[str, tuple[str, dict[str, str]]]
    """By the line that puts its key into the variable: the key of a store, and its ids by prefix."""
    line: str = KEY_LINE
    secrets: dict[str, str] = field(default_factory=dict)
    """Of OAuth, by variable."""

    @property
    def key(self) -> str:
        """The key in the variable."""
        return self.stores[self.line][0]

    @property
    def ids(self) -> Mapping[str, str]:
        """The ids of its store, by prefix."""
        return self.stores[self.line][1]

    def with_ids(self, text: str) -> str:
        """A text whose ids are those of this shop."""
        return ID.sub(lambda found: self.ids.get(found[1], found[0]), text)


@pytest.fixture
async def documented(
    serve: Callable[..., AbstractAsyncContextManager[Serving]],  # noqa: F811
    shop: Shop,
    make_key: MakeKey,
) -> AsyncGenerator[Documented]:
    """A shop with the few things of the demo that the pages name."""
    loopback = (ip_network("127.0.0.0/8"),)
    async with (
        serve(webhook_allowed_networks=loopback, drain_delay=0.0) as running,
        httpx.AsyncClient(base_url=running.url, timeout=20) as http,
    ):
        stores = {}
        for line, owner in ((KEY_LINE, shop.live), (TEST_KEY_LINE, shop.test)):
            key = await make_key(owner)
            http.headers["Authorization"] = f"Bearer {key}"
            ids = await fill(http)
            if line == TEST_KEY_LINE:
                ids |= await pay(http, ids["ord"])
                ids |= await send_parcels(http, ids)
                ids |= await import_file(http)
            else:
                ids |= await export(http)
            stores[line] = key, ids
        yield Documented(http, stores)


async def fill(http: httpx.AsyncClient) -> dict[str, str]:
    """Make them; answers their ids by prefix."""

    async def post(path: str, **body: Any) -> Any:
        response = await http.post(f"/v2{path}", json=body)
        assert response.status_code in (200, 201), response.text
        return response.json()

    categories = ["christmas", "lighting-candles"]
    mug = {"name": "Vintage Red Mug", "sku": "21066", "price": 2.51, "categories": categories, "tags": ["bestseller"]}
    product = await post("/products", **mug, variants=[{"sku": "21066", "inventory": 1030}])
    customer = await post("/customers", email="ruth.osborne@example.com", first_name="Ruth", last_name="Osborne")
    items = [{"sku": "21066", "quantity": 4}]
    order = await post("/orders", customer_id=customer["id"], items=items, shipping_address=HOME)
    changed = await http.put(f"/v2/products/{product['id']}", json={"description": "A mug."})
    assert changed.status_code == 200, changed.text
    event = None
    async with asyncio.timeout(20):
        while event is None:  # its position is assigned after the commit
            await asyncio.sleep(0.02)
            event = next(iter((await http.get("/v2/events?types=product.updated")).json()["data"]), None)
    key = await post("/access/keys", name="Newsletter", scopes=["products:read", "orders:read"])
    ids = {"prod": product["id"], "cust": customer["id"], "ord": order["id"], "evt": event["id"], "key": key["id"]}
    return {**ids, "item": order["items"][0]["id"]}


async def pay(http: httpx.AsyncClient, order_id: str) -> dict[str, str]:
    """Payments of the test store: one of half the order, which can be captured, and one that is disputed."""

    async def post(path: str, **body: Any) -> Any:
        response = await http.post(f"/v2{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    held = await post("/payments/intents", amount=502, order_id=order_id)
    other = await post("/payments/intents", amount=900, capture_method="automatic")
    dispute = await post(f"/sandbox/payments/{other['payments'][0]['id']}/dispute")
    return {"pi": held["id"], "dp": dispute["id"]}


async def send_parcels(http: httpx.AsyncClient, ids: Mapping[str, str]) -> dict[str, str]:
    """Shipments of the test store: one of a part of the order, and a delivered one of another that comes back."""

    async def post(path: str, **body: Any) -> Any:
        response = await http.post(f"/v2{path}", json=body)
        assert response.status_code == 201, response.text
        return response.json()

    async def ship(order_id: str, **given: Any) -> Any:
        package = {"weight": 1, "weight_unit": "kg", "length": 9, "width": 9, "height": 9, "dimension_unit": "cm"}
        sent = {"carrier": "dhl", "service": "express", "packages": [package], "ship_to": HOME}
        return await post("/shipments", order_id=order_id, **sent, **given)

    (warehouse,) = (await http.get("/v2/warehouses")).json()["data"]
    dock = {"line1": "1 Canal Wharf", "city": "Leeds", "zip": "LS1 4AP", "country": "GB"}
    assert (await http.put(f"/v2/warehouses/{warehouse['id']}", json=dock)).status_code == 200
    rate = {"exchange_rates": [{"currency": "USD", "rate": 0.79}]}
    assert (await http.put("/v2/settings/shipping", json=rate)).status_code == 200
    variant = (await http.get("/v2/variants/21066")).json()
    weight = {"weight": {"value": 300, "unit": "g"}}
    changed = await http.put(f"/v2/products/{ids['prod']}/variants/{variant['id']}", json=weight)
    assert changed.status_code == 200, changed.text
    shipment = await ship(ids["ord"], items=[{"id": ids["item"], "quantity": 1}])
    other = await post("/orders", items=[{"sku": "21066", "quantity": 1}], shipping_address=HOME)
    gone = await ship(other["id"])
    await post(f"/shipments/{gone['id']}/advance", status="delivered")
    line = {"id": other["items"][0]["id"], "quantity": 1, "reason": "damaged"}
    back = await post("/returns", order_id=other["id"], items=[line])
    return {"shp": shipment["id"], "ret": back["id"]}


async def import_file(http: httpx.AsyncClient) -> dict[str, str]:
    """A dry run of an import of the test store, and its file."""
    options = {"params": {"kind": "products", "dry_run": "true"}, "headers": {"Content-Type": "text/csv"}}
    started = await http.post("/v2/imports", content=b"sku,name,price\nA,Cup,5.00\nB,Bowl,7.50\n", **options)
    assert started.status_code == 202, started.text
    return {"job": started.json()["id"], "upl": started.json()["file_id"]}


async def export(http: httpx.AsyncClient) -> dict[str, str]:
    """An export of the live store that has its result, and a file of a bulk mutation."""
    started = await http.post("/v2/exports", json={"query": "{ products { nodes { sku } } }"})
    assert started.status_code == 202, started.text
    id = started.json()["id"]
    async with asyncio.timeout(30):
        while (await http.get(f"/v2/jobs/{id}")).json()["result_url"] is None:
            await asyncio.sleep(0.05)
    options = {"params": {"mutation": MUTATION}, "headers": {"Content-Type": "application/x-ndjson"}}
    uploaded = await http.post("/v2/bulk_mutations", content=LINES, **options)
    assert uploaded.status_code == 202, uploaded.text
    return {"job": id, "upl": uploaded.json()["file_id"]}


async def authorize_application(documented: Documented, database: Database, shop: Shop) -> tuple[str, str]:
    """The public client of docs/authentication.md, and the code that a user allows it; answers its id and the code."""
    redirect_uri, challenge = "http://localhost:3000/callback", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    command = CreateOAuthClient(
        name="Order desk",
        type=oauth.ClientType.PUBLIC,
        redirect_uris=(redirect_uri,),
        scopes=("orders:read", "products:read"),
    )
    async with database.admin_transaction() as administration:
        given = {"email": f"jane-{shop.live.store.number}@example.com", "name": "Jane Doe"}
        account, role = shop.live.store.account_id, oauth.UserRole.OWNER
        invited = await oauth.invite_user(administration, database.clock(), account, role=role, **given)
        await administration.flush()
        hash = await oauth.Passwords().hash("correct horse battery staple")
        await oauth.accept_invitation(administration, database.clock(), invited.secret, hash)
    async with database.transaction(shop.live) as work:
        client = (await oauth.create_oauth_client(work, shop.live, command)).id
    shown = [block.text for block in blocks(DOCS / "authentication.md") if not block.language]
    (link,) = [text for text in shown if "/oauth/authorize?" in text]
    path = re.sub(r"\s+", "", link).removeprefix(URL)
    assert challenge in path
    path = ID.sub(lambda found: client if found[1] == "cli" else found[0], path)
    web = documented.http

    async def submit(at: str, **fields: str) -> httpx.Response:
        token = (await web.get(at)).text.partition('name="csrf" value="')[2][:64]
        return await web.post(at, data={"csrf": token, **fields})

    await submit("/account/sign-in", email=given["email"], password="correct horse battery staple")
    answer = await submit(path, decision="allow")
    assert answer.headers["location"].startswith(f"{redirect_uri}?code="), answer.text
    return client, parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
async def test_every_block_is_run(
    page: Path,
    documented: Documented,
    database: Database,
    shop: Shop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("persisted-documents.json", "products.graphql", "prices.graphql", "products.csv"):
        (tmp_path / name).write_text("{}")  # what the pages read must be there to be parsed
    monkeypatch.chdir(tmp_path)
    if page.name == "authentication.md":
        client, documented.secrets["CODE"] = await authorize_application(documented, database, shop)
        documented.stores[KEY_LINE][1]["cli"] = client
    for block in blocks(page):
        assert block.language in LANGUAGES, f"{page.name}:{block.line}: nothing runs blocks of {block.language}"
        try:
            await run_block(block, documented)
        except Exception as error:
            raise AssertionError(f"{page.name}:{block.line}: {error}") from error


async def run_block(block: Block, documented: Documented) -> None:
    """Run a block. Raises AssertionError."""
    if block.language == "graphql":
        await run_operation(block, documented)
    elif block.language == "python":
        compile(block.text, "block", "exec")
    elif block.language == "sh":
        answer = None
        for command in commands(block):
            if command in documented.stores:
                documented.line = command
            elif command.startswith("curl "):
                for name, secret in documented.secrets.items():
                    command = command.replace(f"${name}", secret)  # noqa: PLW2901 - as a shell does
                answer = await send(call_of(command, documented.key), documented)
                documented.secrets |= tokens_in(answer)
            else:
                check_command(documented.with_ids(command))
        if block.json is not None and answer is not None:
            assert shape_of(block.json) <= shape_of(answer), f"{answer} is not as the page shows it"


def tokens_in(answer: Any) -> dict[str, str]:
    """The tokens of a response, by the variables that the pages put them into."""
    if not isinstance(answer, dict) or "access_token" not in answer:
        return {}
    return {"TOKEN": answer["access_token"], "REFRESH": answer["refresh_token"]}


async def send(call: Call, documented: Documented) -> Any:
    """Send a call; answers the JSON of its response, None for a file, and for a stream, which must begin."""
    documented.http.headers["Authorization"] = f"Bearer {documented.key}"
    path = documented.with_ids(call.path)
    if path.startswith("/oauth/"):  # a client of OAuth has other credentials
        del documented.http.headers["Authorization"]
    body = None if call.body is None else documented.with_ids(call.body).encode()
    if call.streams:
        async with documented.http.stream(call.method, path, headers=call.headers) as stream:
            assert stream.status_code == 200, (await stream.aread()).decode()
            assert stream.headers["content-type"].startswith("text/event-stream")
        return None
    response = await documented.http.request(call.method, path, headers=call.headers, content=body)
    assert response.status_code in (200, 201, 202, 204), response.text
    if response.status_code == 204:
        return None
    if not response.headers["content-type"].startswith("application/json"):
        assert response.content, path  # a file
        return None
    answer = response.json()
    assert not isinstance(answer, dict) or "errors" not in answer, answer
    return answer


async def run_operation(block: Block, documented: Documented) -> None:
    """Validate an operation and execute it: a subscription until its stream has begun."""
    document = parse(block.text)
    assert validate(schema.schema._schema, document) == []
    variables = json.loads(documented.with_ids(json.dumps(block.json)))
    request = {"query": block.text, "variables": variables}
    if any(each.operation.value == "subscription" for each in document.definitions if hasattr(each, "operation")):
        headers = {"Accept": "text/event-stream"}
        async with documented.http.stream("POST", "/graphql/stream", json=request, headers=headers) as stream:
            assert stream.status_code == 200, (await stream.aread()).decode()
            async for line in stream.aiter_lines():
                if line.startswith("event: next"):  # of a job, its present state comes at once
                    continue
                assert '"errors"' not in line, "the stream begins with a refusal"
                break
        return
    call = Call("POST", "/graphql", {"Content-Type": "application/json"}, json.dumps(request), streams=False)
    payloads = (await send(call, documented))["data"].values()
    refused = [each["userErrors"] for each in payloads if isinstance(each, dict) and each.get("userErrors")]
    assert refused == []


@pytest.mark.parametrize(
    "command",
    [
        "make shop",
        "export GATEWAY_SHOP=1",
        ".venv/bin/gateway shops list",
        ".venv/bin/gateway keys create --account A --mode life --scopes all",
        "rm -r .data",
    ],
)
def test_a_command_that_is_not_there_is_found(command: str) -> None:
    with pytest.raises(Exception, match=r"."):
        check_command(command)


def test_every_page_that_calls_the_gateway_says_where_the_key_comes_from_or_follows_one_that_does() -> None:
    saying = {page.name for page in PAGES if KEY_LINE in page.read_text(encoding="utf-8")}
    assert {"README.md", "getting-started.md"} <= saying
