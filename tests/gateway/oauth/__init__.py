"""OAuth 2.0 against a real server: the flows, and what is tried to bend them."""
