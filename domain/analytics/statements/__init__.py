"""The statements of reports. Instants are given to them; they know no time zone.

- ``sales.py``, ``products.py``, ``customers.py``, ``custom.py``  those of each report
- ``custom_query.py``, ``custom_dimensions.py``, ``custom_facts.py``  what custom ones are made of
- ``counted_lines.py``, ``segments.py``      what all of them count, and segments of customers
- ``spans.py``, ``view_spans.py``            whole days and months that are summed
"""
