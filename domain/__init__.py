"""The business: why things are as they are. Imports no Strawberry, no Starlette, no Redis, no HTTP."""
