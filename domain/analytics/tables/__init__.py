"""Reports as tables: what CSV and charts are made of."""
