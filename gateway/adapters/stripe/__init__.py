"""Live payments at Stripe: the processor port, and the webhooks that Stripe sends."""

from gateway.adapters.stripe.processor import StripeProcessor
from gateway.adapters.stripe.webhooks import InvalidSignatureError, StripeNews, news_of

__all__ = ["InvalidSignatureError", "StripeNews", "StripeProcessor", "news_of"]
