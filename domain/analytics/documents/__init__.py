"""What reports look like on REST."""

from domain.analytics.documents.custom import (
    CustomFiguresDocument,
    CustomReportDocument,
    CustomRowDocument,
    NamedValueDocument,
)
from domain.analytics.documents.customers import (
    ChannelFiguresDocument,
    CohortDocument,
    CohortMonthDocument,
    CountryFiguresDocument,
    CustomerReportDocument,
    CustomerValueDocument,
    LifetimeValueDocument,
    RegionFiguresDocument,
    SegmentFiguresDocument,
)
from domain.analytics.documents.products import ProductFiguresDocument, ProductReportDocument, ReportedProductDocument
from domain.analytics.documents.sales import (
    PreviousSalesDocument,
    ReportPeriodDocument,
    SalesFiguresDocument,
    SalesGroupDocument,
    SalesPointDocument,
    SalesReportDocument,
)

__all__ = [
    "ChannelFiguresDocument",
    "CohortDocument",
    "CohortMonthDocument",
    "CountryFiguresDocument",
    "CustomFiguresDocument",
    "CustomReportDocument",
    "CustomRowDocument",
    "CustomerReportDocument",
    "CustomerValueDocument",
    "LifetimeValueDocument",
    "NamedValueDocument",
    "PreviousSalesDocument",
    "ProductFiguresDocument",
    "ProductReportDocument",
    "RegionFiguresDocument",
    "ReportPeriodDocument",
    "ReportedProductDocument",
    "SalesFiguresDocument",
    "SalesGroupDocument",
    "SalesPointDocument",
    "SalesReportDocument",
    "SegmentFiguresDocument",
]
