"""GraphQL types, queries and mutations of analytics."""

from schema.analytics.queries import Analytics, AnalyticsQuery
from schema.analytics.views import AnalyticsMutation

__all__ = ["Analytics", "AnalyticsMutation", "AnalyticsQuery"]
