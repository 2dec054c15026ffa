"""SQL compiled once and run on a connection of one store: the executor, statements, tables, instrumentation."""
