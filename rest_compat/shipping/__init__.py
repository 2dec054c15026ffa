"""Shipping over REST."""

from __future__ import annotations

from rest_compat.shipping.carriers import CARRIERS
from rest_compat.shipping.rates import RATES
from rest_compat.shipping.returns import RETURNS
from rest_compat.shipping.settings import SETTINGS
from rest_compat.shipping.shipments import SHIPMENTS

ENDPOINTS = (*RATES, *SHIPMENTS, *RETURNS, *CARRIERS, *SETTINGS)
