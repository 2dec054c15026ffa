"""Words every area shares. The kernel knows no area; it is imported module by module."""
