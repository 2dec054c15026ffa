"""The limit: the same answers by one statement each, written by hand, their bytes passed through.

``reads.py`` one statement for each read; ``placing.py`` the statements of an order; ``application.py`` what is served,
bare or behind the gateway's own doors.
"""
