"""Users with passwords, clients of every type, and a browser that fills in forms."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from domain import access
from domain.access import oauth
from domain.access.commands import CreateOAuthClient
from domain.kernel.database import Database
from domain.kernel.principal import Principal
from tests.conftest import Shop
from tests.gateway.conftest import Serving

CALLBACK = "https://app.example/callback"
PASSWORD = "correct horse battery staple"
_TOKEN = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_HASHES: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Account:
    """A user who can sign in."""

    id: str
    email: str


@dataclass(frozen=True, slots=True)
class Application:
    """A registered client."""

    id: str
    secret: str | None

    @property
    def basic(self) -> dict[str, str]:
        """The header of its secret."""
        return {"Authorization": "Basic " + base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()}


@dataclass(frozen=True, slots=True)
class Proof:
    """A code verifier and its challenge (RFC 7636, 4)."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def challenge(self) -> str:
        """By S256."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


MakeUser = Callable[..., Awaitable[Account]]
MakeClient = Callable[..., Awaitable[Application]]


async def add_user(database: Database, account_id: str, role: oauth.UserRole = oauth.UserRole.OWNER) -> Account:
    """Invite a user, who accepts with the password PASSWORD."""
    email = f"{secrets.token_hex(6)}@example.com"
    if PASSWORD not in _HASHES:
        _HASHES[PASSWORD] = await oauth.Passwords().hash(PASSWORD)
    async with database.admin_transaction() as administration:
        invited = await oauth.invite_user(
            administration, database.clock(), account_id, email=email, name="Jane Doe", role=role
        )
        await administration.flush()
        await oauth.accept_invitation(administration, database.clock(), invited.secret, _HASHES[PASSWORD])
    return Account(invited.user_id, email)


async def add_client(database: Database, principal: Principal, **given: Any) -> Application:
    """Register a client of a store, a public one of every scope by default."""
    owner = access.system_principal(principal.store)
    fields = {"name": "Order desk", "type": oauth.ClientType.PUBLIC, "redirect_uris": (CALLBACK,)}
    command = CreateOAuthClient(**{**fields, "scopes": ("all",), **given})  # type: ignore[arg-type]
    async with database.transaction(owner) as work:
        issued = await oauth.create_oauth_client(work, owner, command)
    return Application(issued.id, issued.secret)


@pytest.fixture
def make_user(database: Database, shop: Shop) -> MakeUser:
    """Makes users with the password PASSWORD: ``await make_user(role=oauth.UserRole.SUPPORT)``."""

    async def make(principal: Principal | None = None, role: oauth.UserRole = oauth.UserRole.OWNER) -> Account:
        return await add_user(database, (principal or shop.live).store.account_id, role)

    return make


@pytest.fixture
def make_client(database: Database, shop: Shop) -> MakeClient:
    """Registers clients, public ones by default: ``await make_client(type=oauth.ClientType.CONFIDENTIAL)``."""

    async def make(principal: Principal | None = None, **given: Any) -> Application:
        return await add_client(database, principal or shop.live, **given)

    return make


@pytest.fixture
async def user(make_user: MakeUser) -> Account:
    """An owner of this test's account."""
    return await make_user()


@pytest.fixture
async def public(make_client: MakeClient) -> Application:
    """A public client of the live store, of every scope."""
    return await make_client()


@pytest.fixture
async def confidential(make_client: MakeClient) -> Application:
    """A confidential client of the live store, of every scope."""
    return await make_client(type=oauth.ClientType.CONFIDENTIAL)


class Browser:
    """A browser without script: it keeps cookies, follows no redirect by itself, and fills in forms."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def submit(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> httpx.Response:
        """Load the page at a path and send its form."""
        page = await self.http.get(path)
        found = _TOKEN.search(page.text)
        assert found is not None, page.text
        return await self.http.post(path, data={"csrf": found[1], **fields}, headers=headers)

    async def sign_in(self, account: Account, password: str = PASSWORD, **fields: str) -> httpx.Response:
        """Fill in the sign-in page."""
        return await self.submit("/account/sign-in", email=account.email, password=password, **fields)

    async def decide(self, application: Application, decision: str = "allow", **changed: str | None) -> httpx.Response:
        """Answer the consent page of an authorization request."""
        return await self.submit(authorization_path(application, **changed), decision=decision)

    async def code(self, application: Application, proof: Proof | None = None, **changed: str | None) -> str:
        """The code that a client gets when the user allows its request."""
        challenge = {} if proof is None else challenge_of(proof)
        answer = await self.decide(application, **{**challenge, **changed})
        assert answer.status_code == 303, answer.text
        return redirected(answer)["code"]


def challenge_of(proof: Proof) -> dict[str, str]:
    """The parameters of a challenge."""
    return {"code_challenge": proof.challenge, "code_challenge_method": "S256"}


def authorization_path(application: Application, **changed: str | None) -> str:
    """An authorization request; a parameter that is None is left out."""
    given: dict[str, str | None] = {
        "response_type": "code",
        "client_id": application.id,
        "redirect_uri": CALLBACK,
        "scope": "orders:read products:read",
        "state": "the state",
        **changed,
    }
    return "/oauth/authorize?" + urlencode({name: value for name, value in given.items() if value is not None})


def redirected(answer: httpx.Response, to: str = CALLBACK) -> dict[str, str]:
    """The parameters that a browser takes to a client; insists on where it goes."""
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}{location.path}" == to
    return {name: values[0] for name, values in parse_qs(location.query).items()}


@pytest.fixture
async def web(gateway: Serving) -> AsyncGenerator[httpx.AsyncClient]:
    """An HTTP client of the shared gateway, without a key."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10) as client:
        yield client


@pytest.fixture
async def browser(gateway: Serving) -> AsyncGenerator[Browser]:
    """A browser of its own."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=10) as client:
        yield Browser(client)


Exchange = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def exchange(web: httpx.AsyncClient) -> Exchange:
    """Token requests: ``await exchange(client, grant_type="refresh_token", refresh_token=token)``."""

    async def run(application: Application, **given: str) -> httpx.Response:
        if application.secret is not None:
            return await web.post("/oauth/token", data=given, headers=application.basic)
        return await web.post("/oauth/token", data={"client_id": application.id, **given})

    return run


@pytest.fixture
async def tokens(browser: Browser, user: Account, public: Application, exchange: Exchange) -> dict[str, Any]:
    """Tokens that the user allowed the public client, for orders:read and products:read."""
    proof = Proof()
    await browser.sign_in(user)
    code = await browser.code(public, proof)
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answer = await exchange(public, **given, code_verifier=proof.verifier)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def works(web: httpx.AsyncClient, token: str) -> bool:
    """Whether an access token still opens REST."""
    answer = await web.get("/v2/products", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 401), answer.text
    return answer.status_code == 200
