"""A use case that calls out, with its outside: products are listed at a marketplace behind a real socket.

- ``server.py``    the marketplace, which answers late, never, twice, with an error, or closes the connection
- ``listing.py``   the use case, its port, and the steps at which a process can be killed
- ``surfaces.py``  a REST endpoint and a GraphQL mutation for it
"""
