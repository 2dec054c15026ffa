"""Shipping labels as PDF and ZPL. reportlab is imported when the first label is drawn."""

from gateway.adapters.labels.pdf import PdfLabels
from gateway.adapters.labels.zpl import ZplLabels

__all__ = ["PdfLabels", "ZplLabels"]
