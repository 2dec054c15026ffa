"""GraphQL types, queries and mutations of access.

- ``store.py``              the store of the request, and its caller
- ``api_key.py``            API keys
- ``oauth.py``              OAuth clients and grants, and the payloads of their mutations
- ``trusted_document.py``   registered documents
- ``audit.py``              entries of the audit log
- ``roots.py``              the fields of Query; ``mutations.py``: those of Mutation, and the other payloads
"""

from schema.access.mutations import AccessMutation
from schema.access.roots import AccessQuery

__all__ = ["AccessMutation", "AccessQuery"]
