"""Orders, draft orders and the settings of a store: entities and their rules."""
