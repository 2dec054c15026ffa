"""Shipping: carriers and their tariffs, tracking numbers, estimates of delivery."""
