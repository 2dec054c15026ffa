"""What the tables of the tariffs are made of. Not part of the package that is installed."""
