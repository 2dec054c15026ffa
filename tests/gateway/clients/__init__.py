"""Other people's clients, untouched, against a real server."""
