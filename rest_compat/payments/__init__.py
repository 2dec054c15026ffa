"""Payments over REST. Amounts are minor units here, as the platform document has them."""

from __future__ import annotations

from rest_compat.payments.disputes import DISPUTES
from rest_compat.payments.intents import INTENTS
from rest_compat.payments.ledger import LEDGER
from rest_compat.payments.order_lists import ORDER_LISTS
from rest_compat.payments.payments import PAYMENTS
from rest_compat.payments.sandbox import SANDBOX
from rest_compat.payments.settings import SETTINGS

ENDPOINTS = (*INTENTS, *PAYMENTS, *DISPUTES, *LEDGER, *ORDER_LISTS, *SETTINGS, *SANDBOX)
