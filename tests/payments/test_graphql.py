"""Payments by GraphQL: a whole life with its events, what is refused and why, and how few statements a page needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import Any

import httpx
import orjson
import pytest

from domain import catalog, events
from domain.catalog.commands import VariantInput
from domain.kernel.database import Database
from domain.kernel.event_log import EventLog
from domain.kernel.money import Money
from domain.kernel.principal import Plan
from gateway.execution import StrawberryEngine, StreamedResponse
from gateway.graphql.documents import DocumentCache
from gateway.settings import Settings
from resolvers.context import Context
from tests.conftest import Client, MakeKey, MakeProduct, Shop

Pay = Callable[..., Awaitable[Any]]
SUCCESS, DECLINED, SECURE, DISPUTED = "4242424242424242", "4000000000000002", "4000002760003184", "4000000000000259"
CREATE = """mutation ($input: CreatePaymentIntentInput!) { createPaymentIntent(input: $input) {
  paymentIntent { id version status method captureMethod amount { amount currency minorUnits }
    nextAction { type url reference address amount currency expiresAt } lastError { code message }
    order { id paymentStatus } metadata
    payments { id status card { brand last4 expMonth expYear } lastError { code message } refunds { id } } }
  userErrors { code message field } } }"""
SETTLE = """mutation ($input: SettleSandboxPaymentInput!) { settleSandboxPayment(input: $input) {
  paymentIntent { status nextAction { type } payments { status authorizationExpiresAt } }
  userErrors { code message field } } }"""
CAPTURE = """mutation ($input: CapturePaymentIntentInput!) { capturePaymentIntent(input: $input) {
  paymentIntent { status payments { id status captured { amount } fee { amount } } order { paymentStatus } }
  userErrors { code message field } } }"""
CANCEL = """mutation ($input: CancelPaymentIntentInput!) { cancelPaymentIntent(input: $input) {
  paymentIntent { status } userErrors { code message field } } }"""
CONFIRM = """mutation ($input: ConfirmPaymentIntentInput!) { confirmPaymentIntent(input: $input) {
  paymentIntent { status lastError { code } payments { status } } userErrors { code message field } } }"""
REFUND = """mutation ($input: RefundPaymentInput!) { refundPayment(input: $input) {
  refund { id status amount { amount } fee { amount } reason refundApplicationFee expectedFrom expectedBy
    items { quantity item { id refunded } } }
  payment { refunded { amount } order { refunded { amount } paymentStatus } } userErrors { code message field } } }"""
RAISE = """mutation ($input: RaiseSandboxDisputeInput!) { raiseSandboxDispute(input: $input) {
  dispute { id status amount { amount } reason } payment { disputed { amount } }
  userErrors { code message field } } }"""
RESPOND = """mutation ($input: RespondToDisputeInput!) { respondToDispute(input: $input) {
  dispute { status evidenceParts submittedAt version } userErrors { code message field } } }"""
CLOSE = """mutation ($input: CloseSandboxDisputeInput!) { closeSandboxDispute(input: $input) {
  dispute { status closedAt } payment { disputed { amount } } userErrors { code message field } } }"""
SETTLE_REFUND = """mutation ($input: SettleSandboxRefundInput!) { settleSandboxRefund(input: $input) {
  refund { status lastError { code message } } payment { refunded { amount } order { refunded { amount } } }
  userErrors { code message field } } }"""
TYPES = "[ORDER_UPDATED, ORDER_REFUNDED, PAYMENT_SUCCEEDED, PAYMENT_FAILED, PAYMENT_REFUNDED]"
FOLLOW = """subscription ($after: Cursor) { events(types: TYPES, after: $after) { type
  ... on PaymentSucceeded { payment { refunded { amount } }
    snapshot { objectId status captured { amount } refunded { amount } card { brand last4 } intent { id }
      refunds { objectId } } }
  ... on PaymentFailed { snapshot { status lastError { code message } card { last4 } } }
  ... on PaymentRefunded { payment { id } refunded: snapshot { objectId refunded { amount }
    refunds { objectId status amount { amount } items { quantity item { id } } } } }
  ... on OrderRefunded { order { id } after: snapshot { objectId paymentStatus refunded { amount } } } } }""".replace(
    "TYPES", TYPES
)
PAGE = """{ payments(first: 50, sort: { field: AMOUNT }) { nodes { id amount { amount } captured { minorUnits }
  card { brand last4 expMonth }
  lastError { code } intent { id status nextAction { type url expiresAt } metadata } order { number }
  refunds { amount { amount } status items { quantity item { sku } } lastError { message } }
  disputes { status evidenceParts files { name } } } } }"""


@pytest.fixture
async def test_client(http: httpx.AsyncClient, shop: Shop, make_key: MakeKey) -> Client:
    """A client of the test store, which pays with the sandbox."""
    return Client(http, await make_key(shop.test))


@pytest.fixture
def pay(test_client: Client) -> Pay:
    """Run an operation in the test store: ``await pay(CREATE, amount=…)``. Returns the one root field of its data."""

    async def run(query: str, **given: Any) -> Any:
        variables = {"input": given} if given else {}
        answer = (await test_client("POST", "/graphql", json={"query": query, "variables": variables})).json()
        assert "errors" not in answer, answer["errors"]
        (found,) = answer["data"].values()
        return found

    return run


@pytest.fixture
async def mug(make_product: MakeProduct, shop: Shop) -> catalog.Product:
    """A product of the test store with a hundred in stock, at 5.00."""
    return await make_product(shop.test, price=Money(500, "GBP"), variants=(VariantInput(sku="MUG", inventory=100),))


@pytest.fixture
def make_order(pay: Pay, mug: catalog.Product) -> Callable[..., Awaitable[Any]]:
    """Create an order of four mugs: 20.00."""

    async def make(quantity: int = 4) -> Any:
        query = """mutation ($input: CreateOrderInput!) { createOrder(input: $input) {
          order { id total { amount } items { id } } userErrors { message } } }"""
        return (await pay(query, items=[{"productId": mug.id, "quantity": quantity}]))["order"]

    return make


@pytest.fixture
def follow(database: Database, log: EventLog, shop: Shop) -> Callable[[str], AsyncGenerator[StreamedResponse]]:
    """A subscription of the test store, from a cursor on."""
    engine = StrawberryEngine(events.cursor_of)
    operation = DocumentCache(engine.schema).operation(FOLLOW, None)

    def run(after: str) -> AsyncGenerator[StreamedResponse]:
        return engine.subscribe(operation, {"after": after}, lambda: Context(shop.test, database, "req_test", log=log))

    return run


def money(amount: str) -> dict[str, str]:
    return {"amount": amount}


def by_card(number: str, **given: Any) -> dict[str, Any]:
    """The payment details of a card of the sandbox."""
    return {"paymentMethodDetails": {"card": {"number": number, "expMonth": 12, "expYear": 2099, "cvc": "123"} | given}}


def codes(payload: Any) -> list[tuple[str, list[str] | None]]:
    return [(each["code"], each["field"]) for each in payload["userErrors"]]


async def take(stream: AsyncGenerator[StreamedResponse], count: int) -> list[Any]:
    """The next events of a subscription."""
    found: list[Any] = []
    async with asyncio.timeout(10), aclosing(stream):
        async for each in stream:
            if each.body:
                found.append(orjson.loads(each.body)["data"]["events"])
            if len(found) == count:
                break
    return found


async def test_a_life_from_order_to_dispute(pay: Pay, make_order: Any, follow: Any, log: EventLog) -> None:
    start = f"e1.{await log.head()}"
    order = await make_order()
    item = order["items"][0]["id"]

    made = (await pay(CREATE, amount=money("20"), orderId=order["id"], metadata={"till": 3}, **by_card(SECURE)))[
        "paymentIntent"
    ]
    (payment,) = made["payments"]
    assert (made["status"], made["method"], made["captureMethod"]) == ("REQUIRES_ACTION", "CARD", "MANUAL")
    assert made["amount"] == {"amount": "20.00", "currency": "GBP", "minorUnits": 2000}
    assert made["nextAction"] == {
        "type": "THREE_D_SECURE",
        "url": f"http://127.0.0.1:8000/sandbox/3ds/{payment['id']}",
        "reference": None,
        "address": None,
        "amount": None,
        "currency": None,
        "expiresAt": None,
    }
    assert made["metadata"] == {"till": 3}
    assert payment["card"] == {"brand": "VISA", "last4": "3184", "expMonth": 12, "expYear": 2099}

    settled = (await pay(SETTLE, id=made["id"]))["paymentIntent"]
    assert (settled["status"], settled["nextAction"]) == ("REQUIRES_CAPTURE", None)
    assert [each["status"] for each in settled["payments"]] == ["AUTHORIZED"]
    assert settled["payments"][0]["authorizationExpiresAt"].endswith("Z")

    captured = (await pay(CAPTURE, id=made["id"], amount=money("15")))["paymentIntent"]
    assert captured["status"] == "SUCCEEDED"
    assert captured["order"] == {"paymentStatus": "PENDING"}  # 5.00 of the total are not collected
    assert captured["payments"] == [
        {"id": payment["id"], "status": "CAPTURED", "captured": money("15.00"), "fee": money("0.73")}
    ]

    refunded = await pay(REFUND, id=payment["id"], items=[{"id": item, "quantity": 1}], reason="broken")
    refund = refunded["refund"]
    assert (refund["status"], refund["amount"], refund["reason"]) == ("SUCCEEDED", money("5.00"), "broken")
    assert refund["items"] == [{"quantity": 1, "item": {"id": item, "refunded": 1}}]
    assert refund["expectedFrom"] < refund["expectedBy"]
    assert refunded["payment"] == {
        "refunded": money("5.00"),
        "order": {"refunded": money("5.00"), "paymentStatus": "PENDING"},
    }

    dispute = (await pay(RAISE, id=payment["id"]))["dispute"]
    assert (dispute["status"], dispute["amount"], dispute["reason"]) == ("NEEDS_RESPONSE", money("10.00"), "fraudulent")
    drafted = await pay(RESPOND, id=dispute["id"], evidence={"shippingProof": "Signed."})
    assert (drafted["dispute"]["status"], drafted["dispute"]["evidenceParts"]) == ("NEEDS_RESPONSE", ["shipping_proof"])
    early = await pay(RESPOND, id=dispute["id"], submit=True)
    assert codes(early) == [
        ("REQUIRED", ["evidence", "transactionDetails"]),
        ("REQUIRED", ["evidence", "communicationLog"]),
    ]
    rest = {"transactionDetails": "Four mugs.", "communicationLog": "None."}
    submitted = (await pay(RESPOND, id=dispute["id"], evidence=rest, submit=True))["dispute"]
    assert submitted["status"] == "UNDER_REVIEW"
    assert submitted["evidenceParts"] == ["transaction_details", "shipping_proof", "communication_log"]
    assert submitted["submittedAt"] is not None
    closed = await pay(CLOSE, id=dispute["id"], outcome="WON")
    assert (closed["dispute"]["status"], closed["payment"]) == ("WON", {"disputed": money("0.00")})

    told = await take(follow(start), 3)
    assert [each["type"] for each in told] == ["PAYMENT_SUCCEEDED", "PAYMENT_REFUNDED", "ORDER_REFUNDED"]
    assert told[0]["payment"] == {"refunded": money("5.00")}
    assert told[0]["snapshot"] == {
        "objectId": payment["id"],
        "status": "CAPTURED",
        "captured": money("15.00"),
        "refunded": money("0.00"),
        "card": {"brand": "VISA", "last4": "3184"},
        "intent": {"id": made["id"]},
        "refunds": [],
    }
    assert told[1]["refunded"] == {
        "objectId": payment["id"],
        "refunded": money("5.00"),
        "refunds": [
            {
                "objectId": refund["id"],
                "status": "SUCCEEDED",
                "amount": money("5.00"),
                "items": [{"quantity": 1, "item": {"id": item}}],
            }
        ],
    }
    assert told[2]["after"] == {"objectId": order["id"], "paymentStatus": "PENDING", "refunded": money("5.00")}

    await check_reads(pay, order["id"], made["id"], payment["id"], refund["id"], dispute["id"])


async def check_reads(pay: Pay, order: str, intent: str, payment: str, refund: str, dispute: str) -> None:
    """The order shows its payments, the ledger balances, and everything is found by its id."""
    query = (
        f"""{{ order(id: "{order}") {{ payments {{ id }} refunds {{ id payment {{ id }} }} disputes {{ id }} }} }}"""
    )
    assert await pay(query) == {
        "payments": [{"id": payment}],
        "refunds": [{"id": refund, "payment": {"id": payment}}],
        "disputes": [{"id": dispute}],
    }
    transfers = await pay("{ ledger { nodes { id kind debit credit amount { amount } dispute { id } } totalCount } }")
    assert transfers["totalCount"] == 6
    assert sorted(each["kind"] for each in transfers["nodes"]) == [
        "CAPTURE",
        "DISPUTE",
        "DISPUTE_FEE",
        "DISPUTE_REVERSAL",
        "FEE",
        "REFUND",
    ]
    balances = await pay("{ ledgerBalances { account debits { amount } credits { amount } balance { minorUnits } } }")
    assert {each["account"]: each["balance"]["minorUnits"] for each in balances} == {
        "RECEIVABLE": -1500,
        "PROCESSOR": 877,
        "REFUNDS": 500,
        "FEES": 123,
        "DISPUTES": 0,
    }
    for id, type_ in (
        (intent, "PaymentIntent"),
        (payment, "Payment"),
        (refund, "Refund"),
        (dispute, "Dispute"),
        (transfers["nodes"][0]["id"], "LedgerTransfer"),
    ):
        assert await pay(f'{{ node(id: "{id}") {{ id __typename }} }}') == {"id": id, "__typename": type_}
    for name, id in (("paymentIntent", intent), ("payment", payment), ("refund", refund), ("dispute", dispute)):
        assert await pay(f'{{ {name}(id: "{id}") {{ id }} }}') == {"id": id}
        assert await pay(f'{{ {name}(id: "{order}") {{ id }} }}') is None
    found = await pay("{ disputes(filter: { status: [WON] }) { nodes { id } } }")
    assert found == {"nodes": [{"id": dispute}]}
    found = await pay('{ paymentIntents(filter: { amountTo: { amount: "19.99" } }) { totalCount } }')
    assert found == {"totalCount": 0}


async def test_a_declined_card_is_data_and_can_be_followed_by_another(
    pay: Pay, make_order: Any, follow: Any, log: EventLog
) -> None:
    start = f"e1.{await log.head()}"
    order = await make_order()
    payload = await pay(CREATE, amount=money("20"), orderId=order["id"], **by_card(DECLINED))
    intent = payload["paymentIntent"]
    declined = {"code": "card_declined", "message": "The card was declined."}
    assert payload["userErrors"] == []
    assert (intent["status"], intent["lastError"]) == ("FAILED", declined)
    assert intent["order"] == {"id": order["id"], "paymentStatus": "FAILED"}
    assert [(each["status"], each["lastError"]) for each in intent["payments"]] == [("FAILED", declined)]
    told = await take(follow(start), 1)
    assert told == [
        {"type": "PAYMENT_FAILED", "snapshot": {"status": "FAILED", "lastError": declined, "card": {"last4": "0002"}}}
    ]
    again = (await pay(CONFIRM, id=intent["id"], **by_card(SUCCESS)))["paymentIntent"]
    assert (again["status"], again["lastError"]) == ("REQUIRES_CAPTURE", None)
    assert [each["status"] for each in again["payments"]] == ["FAILED", "AUTHORIZED"]


async def test_what_is_refused_names_its_code_and_field(pay: Pay, make_order: Any) -> None:
    order = await make_order()
    over = await pay(CREATE, amount=money("20.01"), orderId=order["id"])
    assert codes(over) == [("AMOUNT_EXCEEDED", ["amount"])]
    assert "20.00" in over["userErrors"][0]["message"]
    unknown = await pay(CREATE, amount=money("20"), orderId=f"ord_{'0' * 26}")
    assert codes(unknown) == [("NOT_FOUND", ["orderId"])]
    euros = await pay(CREATE, amount={"amount": "20", "currency": "EUR"})
    assert codes(euros) == [("CURRENCY_MISMATCH", ["amount"])]
    assert codes(await pay(CREATE, amount=money("20"), currency="EUR")) == [("CURRENCY_MISMATCH", ["currency"])]
    card = ["paymentMethodDetails", "card"]
    expired = await pay(CREATE, amount=money("20"), **by_card(SUCCESS, expYear=2020))
    assert codes(expired) == [("INVALID", [*card, "expYear"])]
    assert codes(await pay(CREATE, amount=money("20"), **by_card("4242424242424243"))) == [
        ("INVALID", [*card, "number"])
    ]
    assert codes(await pay(CREATE, amount=money("20"), paymentMethod="APPLE_PAY", paymentMethodDetails={})) == [
        ("REQUIRED", ["paymentMethodDetails", "token"])
    ]
    assert await pay("{ paymentIntents { totalCount } }") == {"totalCount": 0}


async def test_wrong_states_are_refused_and_change_nothing(pay: Pay, make_order: Any) -> None:
    held = (await pay(CREATE, amount=money("20")))["paymentIntent"]
    payment = held["payments"][0]["id"]
    assert held["status"] == "REQUIRES_CAPTURE"
    assert codes(await pay(CAPTURE, id=held["id"], amount=money("20.01"))) == [("AMOUNT_EXCEEDED", ["amount"])]
    assert codes(await pay(CONFIRM, id=held["id"])) == [("ILLEGAL_TRANSITION", ["id"])]
    assert codes(await pay(REFUND, id=payment)) == [("ILLEGAL_TRANSITION", ["id"])]
    assert codes(await pay(CAPTURE, id=held["id"], expectedVersion=99)) == [("VERSION_MISMATCH", ["expectedVersion"])]
    assert (await pay(CANCEL, id=held["id"]))["paymentIntent"] == {"status": "CANCELLED"}
    assert codes(await pay(CAPTURE, id=held["id"])) == [("ILLEGAL_TRANSITION", ["id"])]
    assert codes(await pay(SETTLE, id=held["id"])) == [("ILLEGAL_TRANSITION", ["id"])]
    assert codes(await pay(CAPTURE, id=f"pi_{'0' * 26}")) == [("NOT_FOUND", ["id"])]
    found = await pay("{ payments { nodes { status captured { amount } refunds { id } } } }")
    assert found["nodes"] == [{"status": "CANCELLED", "captured": money("0.00"), "refunds": []}]


async def test_a_refund_may_fail_later(pay: Pay, make_order: Any) -> None:
    order = await make_order()
    made = await pay(CREATE, amount=money("20"), orderId=order["id"], captureMethod="AUTOMATIC", **by_card(SUCCESS))
    payment = made["paymentIntent"]["payments"][0]["id"]
    refund = (await pay(REFUND, id=payment, amount=money("7.50"), refundApplicationFee=True))["refund"]
    assert (refund["fee"], refund["refundApplicationFee"]) == (money("0.33"), True)
    over = await pay(REFUND, id=payment, amount=money("12.51"))
    assert codes(over) == [("AMOUNT_EXCEEDED", ["amount"])]
    failed = await pay(SETTLE_REFUND, id=refund["id"], outcome="FAILED")
    assert failed["refund"]["status"] == "FAILED"
    assert failed["refund"]["lastError"] == {
        "code": "refund_failed",
        "message": "The buyer's bank returned the refund.",
    }
    assert failed["payment"] == {"refunded": money("0.00"), "order": {"refunded": money("0.00")}}
    assert codes(await pay(SETTLE_REFUND, id=refund["id"], outcome="SUCCEEDED")) == [("ILLEGAL_TRANSITION", ["id"])]


async def errors_of(client: Client, query: str, **given: Any) -> list[tuple[str, str]]:
    """The errors of a request that is refused as a whole."""
    answer = (await client("POST", "/graphql", json={"query": query, "variables": {"input": given}})).json()
    assert not any((answer.get("data") or {}).values())
    return [(each["extensions"]["code"], each["message"]) for each in answer["errors"]]


async def test_cryptocurrencies_need_the_enterprise_plan(
    make_shop: Any, http: httpx.AsyncClient, make_key: MakeKey, pay: Pay
) -> None:
    small = await make_shop(plan=Plan.PROFESSIONAL)
    client = Client(http, await make_key(small.test))
    given = {"amount": money("20"), "paymentMethod": "BITCOIN", "paymentMethodDetails": {}}
    assert await errors_of(client, CREATE, **given) == [("FORBIDDEN", "Payments by bitcoin need the enterprise plan.")]
    action = (await pay(CREATE, **given))["paymentIntent"]["nextAction"]
    assert (action["type"], action["amount"], action["currency"]) == ("CRYPTO_TRANSFER", "20.00", "GBP")
    assert action["address"].startswith("tb1q")


async def test_a_live_store_needs_a_processor_and_has_no_sandbox(rest: Client) -> None:
    ((code, message),) = await errors_of(rest, CREATE, amount=money("20"))
    assert code == "UNAVAILABLE"
    assert "no payment processor" in message
    ((code, message),) = await errors_of(rest, SETTLE, id=f"pi_{'0' * 26}")
    assert code == "FORBIDDEN"
    assert "test_" in message


async def test_the_keys_of_a_processor_are_set_and_never_shown(rest: Client, graph: Any, pay: Pay) -> None:
    query = """mutation ($input: UpdatePaymentSettingsInput!) { updatePaymentSettings(input: $input) {
      paymentSettings { id processor secretKeyHint hasWebhookSecret rawCards version } userErrors { code field } } }"""
    given = {"stripeSecretKey": "sk_live_abcdef1234", "stripeWebhookSecret": "whsec_abcd", "rawCards": True}
    answer = await rest("POST", "/graphql", json={"query": query, "variables": {"input": given}})
    shown = answer.json()["data"]["updatePaymentSettings"]["paymentSettings"]
    assert (shown["processor"], shown["secretKeyHint"]) == ("stripe", "1234")
    assert (shown["hasWebhookSecret"], shown["rawCards"], shown["version"]) == (True, True, 2)
    assert "sk_live" not in answer.text
    assert "whsec" not in answer.text
    read = await graph("{ paymentSettings { id processor secretKeyHint hasWebhookSecret rawCards version } }")
    assert read["paymentSettings"] == shown
    assert await pay("{ paymentSettings { processor secretKeyHint } }") == {
        "processor": "sandbox",
        "secretKeyHint": None,
    }


async def test_a_page_of_payments_with_all_below_them_is_one_statement(
    pay: Pay, make_order: Any, statements: list[str], settings: Settings
) -> None:
    """Fifty payments with refunds, of which one waits for the buyer and one is disputed. Only plans are pushed."""
    for number in range(48):
        order = await make_order(1)
        made = await pay(CREATE, amount=money("5"), orderId=order["id"], captureMethod="AUTOMATIC")
        payment, item = made["paymentIntent"]["payments"][0]["id"], order["items"][0]["id"]
        if number % 2:
            await pay(REFUND, id=payment, items=[{"id": item, "quantity": 1}])
    await pay(CREATE, amount=money("6"), **by_card(SECURE))
    disputed = await pay(CREATE, amount=money("7"), captureMethod="AUTOMATIC", **by_card(DISPUTED))
    assert disputed["paymentIntent"]["status"] == "SUCCEEDED"

    counts, answers = [], []
    for _ in range(3):
        statements.clear()
        answers.append(await pay(PAGE))
        counts.append(len([each for each in statements if "payment" in each]))
        await asyncio.sleep(0.5)  # the statement of a repeated operation is built beside the requests
    statements.clear()
    pushed = await pay(PAGE)
    assert len([each for each in statements if "payment" in each]) == (1 if settings.engine == "compiled" else 7)
    assert counts[0] == 7  # payments; intents, orders (payment_status), refunds, disputes; lines, files
    assert all(each == pushed for each in answers)
    nodes = pushed["nodes"]
    assert len(nodes) == 50
    assert [len(each["refunds"]) for each in nodes[:48]].count(1) == 24
    assert nodes[48]["intent"]["nextAction"]["type"] == "THREE_D_SECURE"
    assert nodes[49]["disputes"] == [{"status": "NEEDS_RESPONSE", "evidenceParts": [], "files": []}]


async def test_an_outbound_mutation_stands_alone(test_client: Client, pay: Pay) -> None:
    held = (await pay(CREATE, amount=money("20")))["paymentIntent"]
    query = """mutation ($id: ID!) { capturePaymentIntent(input: { id: $id }) { userErrors { code } }
      raiseSandboxDispute(input: { id: $id }) { userErrors { code } } }"""
    answer = await test_client("POST", "/graphql", json={"query": query, "variables": {"id": held["id"]}})
    assert "data" not in answer.json()
    assert "must be the one field of its operation" in answer.json()["errors"][0]["message"]
    assert await pay("{ paymentIntents { nodes { status } } }") == {"nodes": [{"status": "REQUIRES_CAPTURE"}]}


@pytest.mark.parametrize(("given", "status"), [({}, "REQUIRES_CAPTURE"), ({"captureMethod": "AUTOMATIC"}, "SUCCEEDED")])
async def test_a_confirmation_may_say_when_the_amount_is_collected(
    pay: Pay, given: dict[str, str], status: str
) -> None:
    intent = (await pay(CREATE, amount=money("20"), **by_card(DECLINED)))["paymentIntent"]
    confirmed = (await pay(CONFIRM, id=intent["id"], **given, **by_card(SUCCESS)))["paymentIntent"]
    assert confirmed["status"] == status
