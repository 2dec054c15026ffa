"""Charts of reports as SVG and PNG, drawn by Vega in a process of its own."""

from gateway.adapters.charts.desk import ChartDesk, DeskLimits

__all__ = ["ChartDesk", "DeskLimits"]
