"""``python -m schema > schema/schema.graphql`` prints the contract anew."""

import sys

from schema import SCHEMA

sys.stdout.write(f"{SCHEMA.as_str()}\n")
