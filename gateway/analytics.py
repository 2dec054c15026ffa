"""Analytics of this process: the fold of sales, the views of products that wait to be written, and charts."""

from __future__ import annotations

from domain import analytics
from domain.kernel.database import Database
from domain.kernel.use_cases.unit_of_work import EventsWritten
from gateway.adapters.charts import ChartDesk
from gateway.wakeups import Topic, Wakeups


class AnalyticsRuntime:
    """The folder, the views and the charts, over one database."""

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._folder = analytics.SalesFolder(database)
        if not database.provides(analytics.ProductViews):  # one for all that is built over the database
            database.provide(analytics.ProductViews(database))
        self._views: analytics.ProductViews = database.dependency(analytics.ProductViews)
        self._charts = ChartDesk()
        database.provide(self._charts, kind=analytics.ChartPrinter)
        # It waits a little: until then the events have their positions.
        database.on_commit(EventsWritten, lambda _: self._folder.wake())
        wakeups.subscribe(Topic.LOG_GROWN, self._folder.wake)

    async def run_fold(self) -> None:
        """Fold sales until cancelled."""
        await self._folder.run()

    async def run_views(self) -> None:
        """Write the views of products each second until cancelled, and once more then."""
        await self._views.run()

    async def close(self) -> None:
        """End the process that draws charts."""
        await self._charts.close()
