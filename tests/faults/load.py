"""Clients of both surfaces that ask without pause, and what they were told."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

CLIENTS = 8
QUERY = "{ products(first: 1) { nodes { id } } }"
CREATE = """mutation ($sku: String!) {
  createProduct(input: { name: "Mug", sku: $sku, price: { amount: 5 } }) { product { id } userErrors { code } } }"""


@dataclass(slots=True)
class Load:
    """Every answer by its status; each client reads and writes by REST and by GraphQL in turn."""

    base: str
    key: str
    told: Counter[int] = field(default_factory=Counter)
    made: set[str] = field(default_factory=set)
    """The ids of products whose making was confirmed."""
    left: int = 0
    """Clients that went home because nobody listened any more."""

    async def run(self, name: str) -> None:
        """Ask until nobody listens any more. Raises what a client sees when a connection breaks, and AssertionError for
        a 503 that does not say when to come back.
        """
        headers = {"Authorization": f"Bearer {self.key}"}
        async with httpx.AsyncClient(base_url=self.base, headers=headers, timeout=60) as web:
            try:
                for number in itertools.count():
                    await self._ask(web, f"{name}-{number}")
            except httpx.ConnectError:
                self.left += 1

    async def _ask(self, web: httpx.AsyncClient, sku: str) -> None:
        self._note(await web.get("/v2/products", params={"limit": 1}))
        self._note(await web.post("/graphql", json={"query": QUERY}))
        made = await web.post("/v2/products", json={"name": "Mug", "sku": sku, "price": 5})
        if self._note(made):
            self.made.add(made.json()["id"])
        made = await web.post("/graphql", json={"query": CREATE, "variables": {"sku": f"{sku}-g"}})
        if self._note(made):
            answer = made.json()
            assert "errors" not in answer, answer
            self.made.add(answer["data"]["createProduct"]["product"]["id"])

    def _note(self, answer: httpx.Response) -> bool:
        self.told[answer.status_code] += 1
        assert answer.is_success or answer.headers.get("retry-after"), answer.text
        return answer.is_success

    @property
    def answered(self) -> int:
        """How many requests were."""
        return self.told[200] + self.told[201]

    async def go_on(self, count: int) -> None:
        """Wait until so many more requests were answered."""
        enough = self.answered + count
        while self.answered < enough:
            await asyncio.sleep(0.01)

    async def be_gone(self) -> None:
        """Wait until every client has seen that nobody listens."""
        while self.left < CLIENTS:
            await asyncio.sleep(0.01)

    async def be_refused(self, count: int) -> None:
        """Wait until so many more requests were refused with 503."""
        enough = self.told[503] + count
        while self.told[503] < enough:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def loading(base: str, key: str) -> AsyncGenerator[Load]:
    """CLIENTS that ask while inside; what fails one of them fails the test."""
    load = Load(base, key)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(load.run(f"load-{number}")) for number in range(CLIENTS)]
        yield load
        for task in tasks:
            task.cancel()
