"""The page of the sandbox where a buyer approves or refuses a payment. It works without script, and needs no key: its
address has the id of the payment, which only the buyer and the shop know, and it moves no money.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from domain import access, payments
from domain.kernel.database import Database
from domain.kernel.errors import Conflict
from domain.kernel.ids import is_id
from domain.kernel.money import Money
from domain.kernel.principal import Mode, Principal, Store
from domain.payments.commands import SandboxOutcome, SettleSandboxPayment
from domain.payments.states import PaymentActionType
from gateway.web.pages import PAGE_HEADERS, STATIC, StaticPage
from transport.resource import Resource

PATH = "/sandbox/3ds"
MAX_FORM_BYTES = 1_000
_STORE_OF = "SELECT store_id FROM sandbox_operation WHERE id = $1"
_TITLES = {
    PaymentActionType.THREE_D_SECURE: "Confirm your payment",
    PaymentActionType.REDIRECT: "Approve your payment",
}
_FORM = """<form method="post">
<button class="yes" name="outcome" value="succeeded">Approve</button>
<button class="no" name="outcome" value="failed">Refuse</button>
</form>"""


def sandbox_routes(database: Database) -> list[BaseRoute]:
    """The page and what it loads."""
    page = SandboxPage(database)
    return [page.assets, Route(f"{PATH}/{{payment_id}}", Resource({"GET": page.answer, "POST": page.answer}))]


class SandboxPage:
    """Shows a waiting payment of a test store, and tells the sandbox what the buyer decides."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._page = StaticPage(STATIC / "sandbox", PATH, is_above=True)
        self.assets = self._page.assets()

    async def answer(self, request: Request) -> Response:
        """The page, or where the buyer goes after a decision. Raises HTTPException 404 for an unknown payment."""
        store = await self._store_of(request.path_params["payment_id"])
        caller = Principal(store, frozenset({"payments:read", "payments:write"}), "sandbox")
        async with self._database.transaction(caller, request.state.request_id) as work:
            payment = await payments.reads.payment_by_id.for_key(work.reader, request.path_params["payment_id"])
            if request.method == "POST":
                outcome = await _outcome_in(request)
                try:
                    command = SettleSandboxPayment(id=payment.intent_id, outcome=outcome)
                    await payments.settle_sandbox_payment(work, caller, command)
                except Conflict:  # decided already: the page says so
                    pass
            intent = await payments.reads.intent_by_id.for_key(work.reader, payment.intent_id)
            (way,) = await payments.reads.RETURN_URL.rows(work.reader, id=payment.intent_id)
        if request.method == "POST":
            target = str(request.url) if way.return_url is None else _with_result(way.return_url, intent)
            return RedirectResponse(target, 303, PAGE_HEADERS)
        return self._shown(store, payment, intent, way)

    async def _store_of(self, payment_id: str) -> Store:
        if not is_id("pay", payment_id):
            raise HTTPException(404)
        async with self._database.system_connection() as connection:
            number = await connection.fetchval(_STORE_OF, f"{payment_id}:charge")
            stores = {} if number is None else await access.stores_by_number(connection, {number})
        if number not in stores or stores[number].mode != Mode.TEST:
            raise HTTPException(404)
        return stores[number]

    def _shown(self, store: Store, payment: Any, intent: Any, way: Any) -> Response:
        back = way.return_url
        action = intent.next_action if way.payment_id == payment.id else None
        waits = action is not None and action["type"] in _TITLES
        title, text, form = (
            (_TITLES[action["type"]], "Confirm this payment with your bank.", _FORM)
            if action is not None and waits
            else (*_result_texts(payment.status), _link(back, intent))
        )
        return self._page.shown(
            form_targets="'self'" if back is None else f"'self' {_origin(back)}",
            html={"form": form},
            title=title,
            text=text,
            shop=store.name,
            amount=f"{Money(payment.amount, payment.currency).amount:f} {payment.currency}",
            method=str(payment.method).replace("_", " "),
        )


async def _outcome_in(request: Request) -> SandboxOutcome:
    """What a button said. Raises HTTPException 400."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413)
    given = parse_qs(body.decode("ascii", "replace")).get("outcome", [""])
    if given[0] not in (SandboxOutcome.SUCCEEDED, SandboxOutcome.FAILED):
        raise HTTPException(400)
    return SandboxOutcome(given[0])


def _result_texts(status: str) -> tuple[str, str]:
    if status in ("authorized", "captured"):
        return "Payment approved", "You can go back to the shop."
    if status == "failed":
        return "Payment refused", "Nothing was charged. You can go back to the shop and try again."
    return "Nothing to do", "This payment does not wait for you any more."


def _link(back: str | None, intent: Any) -> str:
    if back is None:
        return ""
    return f'<a class="button yes" href="{escape(_with_result(back, intent))}">Back to the shop</a>'


def _with_result(url: str, intent: Any) -> str:
    """The shop's page, told which intent it was and what it is now."""
    parts = urlsplit(url)
    result = urlencode({"payment_intent": intent.id, "status": intent.status})
    return parts._replace(query=f"{parts.query}&{result}" if parts.query else result).geturl()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
