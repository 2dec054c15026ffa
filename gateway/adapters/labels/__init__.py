"""Shipping labels as PDF, PNG and ZPL. reportlab and PDFium are imported when the first label is drawn."""

from gateway.adapters.labels.pdf import PdfLabels
from gateway.adapters.labels.png import PngLabels
from gateway.adapters.labels.zpl import ZplLabels

__all__ = ["PdfLabels", "PngLabels", "ZplLabels"]
