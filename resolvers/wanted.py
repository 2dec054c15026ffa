"""What is to be read for one row, said before it is read: whatever a level wants of one read is read together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from resolvers.loaders import Batch

if TYPE_CHECKING:
    from resolvers.context import Context


class Wanted(NamedTuple):
    """What must be read for one row; ``made`` turns what ``batch`` finds for ``key`` into the field's value."""

    batch: Batch
    key: str
    made: Callable[[Any], Any] | None = None

    def load(self, context: Context) -> Awaitable[Any]:
        """The value. The loader's own future where it can be: a coroutine around it would cost more than the load."""
        found = context.load(self.batch, self.key)
        return found if self.made is None else _then(found, self.made)


def _then(found: asyncio.Future[Any], made: Callable[[Any], Any]) -> asyncio.Future[Any]:
    """What ``made`` makes of what was found. A future, for of a coroutine that graphql-core gives up with its siblings
    before it has begun, Python says that it was never awaited."""
    finished = asyncio.get_running_loop().create_future()

    def finish(_: object) -> None:
        if finished.done():  # given up
            return
        try:
            finished.set_result(made(found.result()))
        except asyncio.CancelledError:
            finished.cancel()
        except Exception as error:
            finished.set_exception(error)

    found.add_done_callback(finish)
    return finished
