"""Shipping over REST."""
