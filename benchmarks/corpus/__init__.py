"""The corpus: operations as frontends and back offices send them, as GraphQL documents and as requests of REST.

``operations.toml`` tells their variables, ``graphql/`` their documents, ``values.py`` what is filled in.
"""
