"""Commands that print the schema, the OpenAPI document and the settings."""

from __future__ import annotations

import json

import typer

import rest_compat.openapi.document
import schema as graphql_schema
from gateway.cli.console import out
from gateway.settings import load_settings, shown

app = typer.Typer()


@app.command("schema")
def print_schema() -> None:
    """Print the GraphQL schema (SDL)."""
    typer.echo(graphql_schema.schema.as_str())


@app.command("openapi")
def print_openapi() -> None:
    """Print the OpenAPI document of REST v2."""
    typer.echo(json.dumps(rest_compat.openapi.document(load_settings().public_url or ""), indent=2))


@app.command("settings")
def print_settings() -> None:
    """Print all settings with their values. Secrets are masked."""
    for name, value in shown(load_settings()).items():
        out.print(f"{name}={value}", markup=False)
