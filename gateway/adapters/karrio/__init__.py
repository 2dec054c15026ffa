"""Live carriers, asked by the library karrio, which the extra ``carriers`` installs.

The library is synchronous, waits without limit, writes to the terminal and remembers what it has sent. So: it is
imported when a carrier is asked first, runs in a few threads of its own, waits ``SOCKET_SECONDS`` for each answer, and
is silenced. Its registry of carriers is not used: that imports all of them (5 s of CPU, 260 MB).

- ``carriers.py``      the port: what is asked, and when an order counts as refused
- ``connections.py``   the library's parts for one account, tamed
- ``requests.py``      what carriers are asked
- ``answers.py``       what they answer
- ``threads.py``       the threads in which they are asked
"""

from gateway.adapters.karrio.carriers import KarrioCarriers

__all__ = ["KarrioCarriers"]
