"""OAuth 2.0: the authorization server, with Authlib's core, and the pages of users.

- ``routes.py``          which path leads where
- ``endpoints.py``       what clients call: token, revocation, introspection, metadata
- ``authorization.py``   what users are asked; ``account_pages.py``: signing in and all that belongs to it
- ``library.py``, ``library_grants.py``   the library, bound to the rules in ``domain/access``
"""

from gateway.oauth.routes import oauth_routes

__all__ = ["oauth_routes"]
