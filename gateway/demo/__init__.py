"""The demo shop and the small sample shop: data carried in the package, and the pure code that reads it."""
