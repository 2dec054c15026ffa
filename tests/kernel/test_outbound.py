"""Use cases that call out: attempts, their settling, and the reconciler, without a door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain import access, catalog
from domain.catalog.commands import UpdateProduct
from domain.kernel.clock import system_clock
from domain.kernel.database import Database
from domain.kernel.errors import Forbidden, NotFound
from domain.kernel.ids import new_id
from domain.kernel.outbound_execution import OutboundExecution, OutboundReconciler, delete_settled
from domain.kernel.outbound_execution.reconciler import LEASE_DURATION, MAX_CONCURRENT_CHECKS, SETTLED_LIFETIME
from domain.kernel.principal import Principal, Store
from domain.kernel.sql.statements import NAMED_LOCK, Statement
from domain.kernel.use_cases.outbound import (
    CHECK_GRACE,
    NEVER_RECEIVED_AFTER,
    UNSTORED,
    Call,
    Denied,
    Failed,
    NoCall,
    OutboundAttempt,
    Outcome,
    Settled,
    Succeeded,
    Unknown,
    begin_attempt,
    check_interval,
    lock_attempt,
    outbound_use_case,
    settle_attempt,
)
from domain.kernel.use_cases.records import Records
from domain.kernel.use_cases.registry import USE_CASES
from domain.kernel.use_cases.unit_of_work import UnitOfWork
from tests.conftest import MakeProduct, Shop
from tests.marketplace import listing

Events = Any
HOLD = Statement("hold_named_lock", select(NAMED_LOCK.label("taken")))


@dataclass(frozen=True)
class Charge:
    """A request with a secret."""

    product_id: str
    number: str = field(metadata=UNSTORED)


class Outside:
    """An outside in memory that knows what it is told."""

    def __init__(self) -> None:
        self.sent: list[tuple[Any, str]] = []
        self.asked: list[str] = []
        self.answer: Outcome = Succeeded({"reference": "r"})
        self.known: Outcome | None = None
        self.hold: asyncio.Event | None = None

    async def send(self, request: Any, key: str, store: Store) -> Outcome:
        """See the port."""
        self.sent.append((request, key))
        return self.answer

    async def look_up(self, key: str, store: Store) -> Outcome | None:
        """See the port."""
        self.asked.append(key)
        if self.hold is not None:
            await self.hold.wait()
        return self.known


@dataclass(frozen=True)
class ChargeProduct:
    """Charge for a product."""

    id: str


@outbound_use_case("products:write", timeout=0.5)
async def charge_product(work: UnitOfWork, principal: Principal, command: ChargeProduct) -> Call[Charge]:
    """Begin."""
    return Call(command.id.replace("prod_", "chg_"), Charge(command.id, "4242 4242 4242 4242"))


@charge_product.settled
async def settle_charge(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> str:
    """Tag the product with what came of it."""
    if isinstance(outcome, Failed) and outcome.code == "broken":
        raise RuntimeError("the second half is broken")
    tag = outcome.code if isinstance(outcome, Failed) else "charged"
    owner = Principal(work.store, frozenset({"products:write"}), work.origin.actor)
    await catalog.update_product(work, owner, UpdateProduct(id=_product_of(attempt), tags=(tag,)))
    return tag


@charge_product.current
async def current_charge(work: UnitOfWork, attempt: OutboundAttempt) -> str:
    """The tag."""
    product = await work.lock(catalog.Product, _product_of(attempt), noun="product")
    return ",".join(product.tags)


ENTRY = USE_CASES.pop(charge_product.name)


def _product_of(attempt: OutboundAttempt) -> str:
    return attempt.id.replace("chg_", "prod_")


@pytest.fixture
async def outside(database: Database) -> AsyncGenerator[Outside]:
    """Of both use cases, which are registered meanwhile."""
    made = Outside()
    with ExitStack() as stack:
        stack.enter_context(listing.registered())
        USE_CASES[charge_product.name] = ENTRY
        stack.callback(USE_CASES.pop, charge_product.name)
        database.provide(made, Charge)
        database.provide(made, listing.Listing)
        yield made
        async with database.system_connection() as connection:
            await connection.execute("DELETE FROM outbound_attempt")


def reconciler(database: Database, after: timedelta = timedelta(hours=1)) -> OutboundReconciler:
    """One whose clock is ahead."""
    return OutboundReconciler(database, access.stores_by_number, clock=lambda: system_clock() + after)


async def charge(database: Database, caller: Principal, product_id: str) -> Any:
    """What a door does."""
    async with OutboundExecution(database, caller, "req_1", lambda _: None) as execution:
        call = await charge_product(execution.work, caller, ChargeProduct(product_id))
        return await execution.call(charge_product, call)


async def attempts(database: Database, caller: Principal) -> list[Any]:
    async with database.system_connection() as connection:
        query = "SELECT * FROM outbound_attempt WHERE store_id = $1 ORDER BY id"
        found: list[Any] = await connection.fetch(query, caller.store.number)
    return found


@pytest.mark.both_servers
async def test_a_call_is_settled_in_the_second_transaction(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside, events: Events
) -> None:
    product = await make_product()
    assert await charge(database, shop.live, product.id) == "charged"
    assert outside.sent == [(Charge(product.id, "4242 4242 4242 4242"), product.id.replace("prod_", "chg_"))]
    (attempt,) = await attempts(database, shop.live)
    assert (attempt["state"], attempt["outcome"]) == ("settled", '{"data": {"reference": "r"}}')
    assert [event["type"] for event in await events()] == ["product.created", "product.updated"]


async def test_a_secret_of_a_request_is_not_stored_and_the_request_not_repeated(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    """It counts as never received only when it can no longer be on its way."""
    product = await make_product()
    outside.answer = Unknown()
    assert await charge(database, shop.live, product.id) == ""
    (attempt,) = await attempts(database, shop.live)
    assert attempt["request"] == f'{{"product_id": "{product.id}"}}'
    await reconciler(database, NEVER_RECEIVED_AFTER - timedelta(minutes=1)).reconcile_due()
    assert [row["state"] for row in await attempts(database, shop.live)] == ["in_flight"]
    await reconciler(database, NEVER_RECEIVED_AFTER + timedelta(minutes=1)).reconcile_due()
    (attempt,) = await attempts(database, shop.live)
    assert (attempt["state"], attempt["checks"], len(outside.sent)) == ("settled", 2, 1)
    assert '"never_received"' in attempt["outcome"]


@pytest.mark.both_servers
async def test_settling_any_number_of_times_at_once_changes_things_once(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside, events: Events
) -> None:
    """Taken out: the lock of the attempt, or the question for its state."""
    product = await make_product()
    outside.answer = Unknown()
    await charge(database, shop.live, product.id)
    (attempt,) = await attempts(database, shop.live)

    async def settle(number: int) -> Any:
        outcome = Succeeded() if number % 2 else Failed("declined", "No.")
        async with database.transaction(shop.live) as work:
            return await settle_attempt(work, attempt["id"], outcome)

    results = await asyncio.gather(*(settle(number) for number in range(12)))
    assert len(set(results)) == 1
    assert len(await events()) == 2
    async with database.transaction(shop.live) as work:
        assert await settle_attempt(work, attempt["id"], Unknown()) == results[0]


@pytest.mark.both_servers
async def test_a_lock_that_goes_first_is_waited_for_and_the_attempt_is_read_after_it(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    """Who holds it may settle the attempt meanwhile. Fails when the row is locked first, or read as it was before."""
    product = await make_product()
    outside.answer = Unknown()
    await charge(database, shop.live, product.id)
    (attempt,) = await attempts(database, shop.live)
    name = f"first/{attempt['id']}"

    async def lock() -> str:
        async with database.transaction(shop.live) as work:
            return (await lock_attempt(work, attempt["id"], after=name)).state

    async with asyncio.timeout(20):
        async with database.transaction(shop.live) as holder:
            await HOLD.rows(holder.reader, lock_name=name)
            locking = asyncio.create_task(lock())
            await advisory_wait(database, name)
            async with database.transaction(shop.live) as work:
                await settle_attempt(work, attempt["id"], Succeeded())
            assert not locking.done()
        assert await locking == "settled"


async def advisory_wait(database: Database, name: str) -> None:
    """Wait until a transaction waits for the lock with this name."""
    async with database.system_connection() as connection:
        query = """SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND classid::bigint << 32 | objid::bigint = hashtextextended($1, 0)"""
        while not await connection.fetchval(query, name):
            await asyncio.sleep(0.01)


async def test_a_value_that_changes_back_is_written_back(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    """Fails when ``update_all`` goes on comparing with what was stored before it."""
    product = await make_product()
    outside.answer = Unknown()
    await charge(database, shop.live, product.id)
    (attempt,) = await attempts(database, shop.live)
    records = Records(OutboundAttempt)
    async with database.transaction(shop.live) as work:
        record = await records.lock(work, attempt["id"], noun="attempt")
        for checks in (7, attempt["checks"]):
            record.checks = checks
            await records.update_all(work, [record])
    assert [each["checks"] for each in await attempts(database, shop.live)] == [attempt["checks"]]


async def test_an_attempt_of_another_store_is_not_found(
    database: Database, shop: Shop, other_shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    product = await make_product()
    await charge(database, shop.live, product.id)
    (attempt,) = await attempts(database, shop.live)
    with pytest.raises(NotFound):
        async with database.transaction(other_shop.live) as work:
            await settle_attempt(work, attempt["id"], Succeeded())


async def test_the_reconciler_settles_in_the_name_of_who_asked(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside, events: Events
) -> None:
    product = await make_product()
    outside.answer = Unknown()
    caller = Principal(shop.live.store, shop.live.scopes, "key_7")
    await charge(database, caller, product.id)
    outside.known = Succeeded({"reference": "r"})
    await reconciler(database).reconcile_due()
    told = (await events())[-1]
    assert (told["type"], told["actor"], told["request_id"]) == ("product.updated", "key_7", "req_1")
    assert len(outside.sent) == 1


async def test_two_reconcilers_do_not_ask_for_the_same_attempt(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    """Taken out: moving ``next_check_at`` in the lease."""
    outside.answer = Unknown()
    for _ in range(3):
        await charge(database, shop.live, (await make_product()).id)
    outside.hold = asyncio.Event()
    first = asyncio.create_task(reconciler(database).reconcile_due())
    async with asyncio.timeout(20):
        while len(outside.asked) < 3:
            await asyncio.sleep(0.01)
        assert not await reconciler(database).reconcile_due()
        outside.hold.set()
        await first
    assert len(outside.asked) == len(set(outside.asked)) == 3


async def test_what_a_process_does_not_know_is_left_to_others(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    """As while two releases run beside each other. Taken out to see it fail: the use cases of ``_LEASE``."""
    product = await make_product(shop.live)
    outside.answer = Unknown()
    await charge(database, shop.live, product.id)
    del USE_CASES[charge_product.name]
    assert not await reconciler(database).reconcile_due()
    (attempt,) = await attempts(database, shop.live)
    assert (attempt["checks"], outside.asked) == (0, [])
    USE_CASES[charge_product.name] = ENTRY
    outside.known = Succeeded({})
    await reconciler(database).reconcile_due()
    assert len(outside.asked) == 1


async def test_an_attempt_whose_reconciler_died_is_checked_when_its_lease_is_over(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    outside.answer = Unknown()
    await charge(database, shop.live, (await make_product()).id)
    outside.hold, outside.known = asyncio.Event(), Succeeded()
    dying = asyncio.create_task(reconciler(database).reconcile_due())
    async with asyncio.timeout(20):
        while not outside.asked:
            await asyncio.sleep(0.01)
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    outside.hold = None
    await reconciler(database).reconcile_due()
    assert [row["state"] for row in await attempts(database, shop.live)] == ["in_flight"]
    await reconciler(database, timedelta(hours=1) + LEASE_DURATION).reconcile_due()
    assert [row["state"] for row in await attempts(database, shop.live)] == ["settled"]


async def test_one_attempt_that_cannot_be_settled_does_not_hold_up_the_others(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside, caplog: pytest.LogCaptureFixture
) -> None:
    outside.answer = Unknown()
    await charge(database, shop.live, (await make_product()).id)
    outside.known = Failed("broken", "It cannot be settled.")
    await reconciler(database).reconcile_due()
    assert "cannot be settled" in caplog.text
    await charge(database, shop.live, (await make_product()).id)
    async with database.system_connection() as connection:
        await connection.execute("UPDATE outbound_attempt SET use_case = 'gone.away' WHERE checks > 0")
    outside.known = Succeeded()
    await reconciler(database, timedelta(hours=2)).reconcile_due()
    assert sorted(row["state"] for row in await attempts(database, shop.live)) == ["in_flight", "settled"]


async def test_attempts_are_checked_less_and_less_often(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    assert [check_interval(n).total_seconds() for n in (0, 1, 5, 7, 8, 50)] == [2, 4, 64, 256, 300, 300]
    outside.answer = outside.known = Unknown()
    await charge(database, shop.live, (await make_product()).id)
    for checks in (1, 2, 3):
        await reconciler(database, timedelta(hours=checks)).reconcile_due()
        (attempt,) = await attempts(database, shop.live)
        waits = attempt["next_check_at"] - system_clock()
        assert attempt["checks"] == checks
        assert check_interval(checks) - timedelta(seconds=30) < waits <= check_interval(checks)


async def test_a_call_that_runs_is_not_checked_before_its_time_is_over(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    product = await make_product()
    seen: list[datetime] = []

    async def send(request: Any, key: str, store: Store) -> Outcome:
        (attempt,) = await attempts(database, shop.live)
        seen.append(attempt["next_check_at"] - attempt["created_at"])
        return Succeeded()

    outside.send = send  # type: ignore[method-assign]
    await charge(database, shop.live, product.id)
    assert seen == [timedelta(seconds=0.5) + CHECK_GRACE]


async def test_without_an_adapter_nothing_is_committed(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    product = await make_product()
    del database._parts[Charge]
    with pytest.raises(LookupError):
        await charge(database, shop.live, product.id)
    assert await attempts(database, shop.live) == []


async def test_the_scope_is_required(database: Database, shop: Shop, outside: Outside) -> None:
    caller = Principal(shop.live.store, frozenset({"orders:write"}), "key_1")
    with pytest.raises(Forbidden):
        await charge(database, caller, new_id("prod"))
    assert outside.sent == []


async def test_a_request_makes_one_call(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    product = await make_product()
    async with OutboundExecution(database, shop.live, "req_1", lambda _: None) as execution:
        call = await charge_product(execution.work, shop.live, ChargeProduct(product.id))
        await execution.call(charge_product, call)
        with pytest.raises(RuntimeError, match="one call"):
            await execution.call(charge_product, call)
    assert len(outside.sent) == 1


async def test_settled_attempts_are_removed_after_their_lifetime(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    for answer in (Succeeded(), Unknown()):
        outside.answer = answer
        await charge(database, shop.live, (await make_product()).id)
    later = system_clock() + SETTLED_LIFETIME
    async with database.system_connection() as connection:
        assert not await delete_settled(connection, later - timedelta(minutes=1))
        assert len(await attempts(database, shop.live)) == 2
        assert not await delete_settled(connection, later + timedelta(minutes=1))
    assert [row["state"] for row in await attempts(database, shop.live)] == ["in_flight"]


async def test_a_round_takes_as_many_as_may_be_and_says_that_there_are_more(
    database: Database, shop: Shop, make_product: MakeProduct, outside: Outside
) -> None:
    outside.answer, outside.known = Unknown(), Succeeded()
    for _ in range(MAX_CONCURRENT_CHECKS + 1):
        await charge(database, shop.live, (await make_product()).id)
    assert await reconciler(database).reconcile_due()
    assert not await reconciler(database).reconcile_due()
    assert {row["state"] for row in await attempts(database, shop.live)} == {"settled"}


async def test_the_reconciler_is_over_at_once_where_nothing_calls_out(
    database: Database, statements: list[str]
) -> None:
    known = {name: USE_CASES.pop(name) for name, entry in list(USE_CASES.items()) if entry.outbound is not None}
    try:
        async with asyncio.timeout(5):
            await reconciler(database).run()
    finally:
        USE_CASES.update(known)
    assert len(known) >= 6
    assert statements == []


@dataclass(frozen=True)
class Note:
    """A request that can be repeated."""

    product_id: str


@dataclass(frozen=True)
class NoteProduct:
    """Tell the outside of a product, or not."""

    id: str
    calls: bool


@outbound_use_case("products:write", timeout=0.5)
async def note_product(work: UnitOfWork, principal: Principal, command: NoteProduct) -> Call[Note] | NoCall[str]:
    """Tag the product first."""
    await _tag(work, command.id, "noted")
    return Call(command.id.replace("prod_", "note_"), Note(command.id)) if command.calls else NoCall("untold")


@note_product.settled
async def settle_note(work: UnitOfWork, attempt: OutboundAttempt, outcome: Settled) -> str:
    """Tag it again."""
    await _tag(work, attempt.id.replace("note_", "prod_"), "told")
    return "told"


@note_product.current
async def current_note(work: UnitOfWork, attempt: OutboundAttempt) -> str:
    """It stays noted."""
    return "noted"


NOTE_ENTRY = USE_CASES.pop(note_product.name)


async def _tag(work: UnitOfWork, product_id: str, tag: str) -> None:
    owner = Principal(work.store, frozenset({"products:write"}), work.origin.actor)
    await catalog.update_product(work, owner, UpdateProduct(id=product_id, tags=(tag,)))


@pytest.fixture
def notes(database: Database, outside: Outside) -> Generator[Outside]:
    """The outside, for ``note_product``."""
    USE_CASES[note_product.name] = NOTE_ENTRY
    database.provide(outside, Note)
    yield outside
    del USE_CASES[note_product.name]


@pytest.mark.parametrize(("calls", "result", "sent"), [(True, "told", 1), (False, "untold", 0)])
async def test_a_first_half_without_a_call_is_the_whole_operation(
    database: Database,
    shop: Shop,
    make_product: MakeProduct,
    notes: Outside,
    events: Events,
    calls: bool,
    result: str,
    sent: int,
) -> None:
    product = await make_product()
    async with OutboundExecution(database, shop.live, "req_1", lambda _: None) as execution:
        asked = await note_product(execution.work, shop.live, NoteProduct(product.id, calls))
        assert await execution.call(note_product, asked) == result
    assert len(await attempts(database, shop.live)) == len(notes.sent) == sent
    assert [event["type"] for event in await events()] == ["product.created", *["product.updated"] * (1 + sent)]


async def test_a_call_that_no_request_waits_for_is_made_by_the_reconciler(
    database: Database, shop: Shop, make_product: MakeProduct, notes: Outside
) -> None:
    product = await make_product()
    async with database.transaction(shop.live) as work:
        call = Call(product.id.replace("prod_", "note_"), Note(product.id))
        await begin_attempt(work, note_product, call, is_due=True)
    assert notes.sent == []
    await reconciler(database, timedelta(0)).reconcile_due()
    assert notes.sent == [(Note(product.id), call.attempt_id)]
    assert {row["state"] for row in await attempts(database, shop.live)} == {"settled"}


async def test_a_caller_that_is_not_accepted_learns_nothing_of_an_earlier_send(
    database: Database, shop: Shop, make_product: MakeProduct, notes: Outside
) -> None:
    """The outside did it, and its key was replaced. Taken out: ``Denied`` in the reconciler."""
    product = await make_product()
    notes.answer = Unknown()
    async with OutboundExecution(database, shop.live, "req_1", lambda _: None) as execution:
        asked = await note_product(execution.work, shop.live, NoteProduct(product.id, calls=True))
        assert await execution.call(note_product, asked) == "noted"
    notes.answer = Denied("refused", "The key is unknown.")
    await reconciler(database).reconcile_due()
    assert [row["state"] for row in await attempts(database, shop.live)] == ["in_flight"]
    notes.answer = Succeeded()
    await reconciler(database, timedelta(hours=2)).reconcile_due()
    assert [row["state"] for row in await attempts(database, shop.live)] == ["settled"]
    assert len(notes.sent) == 3


async def test_a_first_half_without_its_request_is_refused() -> None:
    async def nameless(work: UnitOfWork, principal: Principal, command: ChargeProduct) -> Any:
        """No request."""

    with pytest.raises(TypeError, match=r"Call\[R\]"):
        outbound_use_case("products:write")(nameless)
    with pytest.raises(ValueError, match="unknown scope"):
        outbound_use_case("products:wrote")
