"""GraphQL over WebSocket, sub-protocol ``graphql-transport-ws``
(https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

- ``handshake.py``   origin, sub-protocol and credentials of a connection
- ``connection.py``  one connection, from its start to its end
- ``protocol.py``    the order of messages
- ``messages.py``    the messages, parsed and written
- ``operations.py``  the operations of one connection
- ``sender.py``      its sending side
"""

from gateway.graphql.websocket.handshake import GraphQLWebSocket
from gateway.graphql.websocket.messages import MAX_MESSAGE_BYTES

__all__ = ["MAX_MESSAGE_BYTES", "GraphQLWebSocket"]
