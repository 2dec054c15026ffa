"""The fold: brings facts and sums up to date from the event log, makes them anew, and checks them.

- ``folder.py``                           follows the log
- ``order_facts.py``, ``facts.py``        the facts of orders
- ``fact_rows.py``, ``order_rows.py``, ``customer_rows.py``, ``dimension_rows.py``  what is written of them
- ``summed_spans.py``                     whole days and months
- ``recount.py``, ``span_recount.py``     the comparison with the orders
"""
