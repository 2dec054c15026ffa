"""The processor of test stores. It moves no money, remembers what it was asked, and does as its cards say.

- ``cards.py``       what each test card does
- ``processor.py``   the port: charge, capture, void, refund, evidence
"""

from domain.payments.sandbox.processor import SandboxProcessor

__all__ = ["SandboxProcessor"]
