"""GraphQL over WebSocket, sub-protocol ``graphql-transport-ws``
(https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md).

- ``messages.py``      what is said, and how it is written
- ``conversation.py``  what may be said when
- ``connection.py``    one connection: it is let in, it listens, and it ends
- ``under_way.py``     the operations of one connection
- ``wire.py``          its sending side
- ``door.py``          the handshake: who may connect at all
"""

from gateway.graphql.websocket.handshake import GraphQLWebSocket
from gateway.graphql.websocket.messages import MAX_MESSAGE_BYTES

__all__ = ["MAX_MESSAGE_BYTES", "GraphQLWebSocket"]
