"""Commands of bulk mutations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from domain.kernel.fields import FieldLocation, Text
from domain.kernel.ids import example_id

MUTATION_MEDIA_TYPES = ("application/x-ndjson", "application/jsonl")
MAX_MUTATION_CHARACTERS = 4_000
"""REST sends it in the query."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StartBulkMutation:
    """Execute a mutation once for each line of a file that was uploaded by `POST /v2/bulk_mutations`: its id is the
    `fileId` of that job. Each line has the variables of one execution. Requires the scopes of the mutation."""

    mutation: Annotated[
        str,
        Text(
            min=1,
            max=MAX_MUTATION_CHARACTERS,
            description="A GraphQL mutation. Mutations that call the outside world, such as those that charge a card, "
            "are refused.",
            example="mutation ($input: CreateProductInput!) { createProduct(input: $input) { product { id } "
            "userErrors { code message field } } }",
            place=FieldLocation.QUERY,
        ),
    ]
    media_type: Annotated[
        str,
        Text(
            max=64,
            description=f"The media type of the file: {', '.join(f'`{each}`' for each in MUTATION_MEDIA_TYPES)}.",
            words=MUTATION_MEDIA_TYPES,
            noun="media type",
            example="application/x-ndjson",
            place=FieldLocation.CONTENT_TYPE,
        ),
    ]
    file_id: Annotated[
        str,
        Text(
            min=1,
            max=64,
            description="The id of the uploaded file (`upl_…`).",
            example=example_id("upl"),
            place=FieldLocation.CONTENT,
        ),
    ]
