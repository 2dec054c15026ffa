"""GraphQL for jobs: queries whose connections are read to their ends, and mutations executed line by line.

- ``query_planner.py``    a query as connections (``connection_plan.py``), with their operations (``page_documents.py``)
- ``page_sizes.py``       how many objects a page has, within the cost of an operation
- ``queries.py``          the port ``BulkQueries``
- ``mutations.py``        the port ``BulkMutations``
"""

from gateway.bulk.mutations import GraphQLBulkMutations
from gateway.bulk.queries import GraphQLBulkQueries

__all__ = ["GraphQLBulkMutations", "GraphQLBulkQueries"]
