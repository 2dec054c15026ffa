"""An outbound attempt in flight, for tests that look at every table."""

from __future__ import annotations

from domain.kernel.database import Database
from domain.kernel.ids import new_id
from domain.kernel.principal import Principal
from domain.kernel.use_cases.outbound import AttemptState, OutboundAttempt


async def attempt(database: Database, principal: Principal) -> dict[str, str]:
    """An attempt (``att``) that nobody checks: it is of no use case."""
    async with database.transaction(principal) as work:
        made = OutboundAttempt(
            store_id=principal.store.number,
            id=new_id("att"),
            use_case="nobody.calls_out",
            request={},
            state=AttemptState.IN_FLIGHT,
            outcome=None,
            credential=principal.credential,
            request_id=None,
            created_at=work.now,
            settled_at=None,
            next_check_at=work.now.replace(year=9999),
            checks=0,
        )
        work.add(made)
    return {"att": made.id}
