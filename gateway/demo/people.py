"""The customers of the sample shop, read from the package's own file. Nobody has these addresses or numbers."""

import json
from importlib.resources import files

from domain.customers.commands import CreateCustomer
from domain.kernel.fields import read_command
from rest_compat.wire_format import SPEECH


def sample_customers() -> list[CreateCustomer]:
    """The file holds what a caller would send by REST, and is read as that."""
    entries = json.loads(files(__package__).joinpath("people.json").read_text(encoding="utf-8"))
    return [read_command(CreateCustomer, entry, SPEECH, "") for entry in entries]
