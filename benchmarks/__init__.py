"""Measurements. Timings inform, they never decide a test."""
