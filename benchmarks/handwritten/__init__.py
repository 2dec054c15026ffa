"""The limit: the same answers by one statement each, written by hand, their bytes passed through.

``reads.py`` one statement for each of Q1 to Q3; ``pages.py`` and ``back_office.py`` for pages of the corpus;
``create_order.py`` the statements of an order; ``application.py`` what is served, bare or behind the gateway's own
doors.
"""
