"""README and docs/ as the tests read them: blocks, and what is run of each kind."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.parse import quote

import typer

from gateway import cli
from gateway.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
TEXTS = (*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "DECISIONS.md", ROOT / "gateway/execution/README.md")
URL = "http://127.0.0.1:8000"
"""Where the pages say that the gateway is."""
KEY_LINE = "KEY=live_..."
"""How the pages put the key into a variable."""
TEST_KEY_LINE = "KEY=test_..."
"""The same, of the test store, from there on."""
VARIABLE_LINES = {"CODE=...": "CODE", "TOKEN=live_at_...": "TOKEN", "REFRESH=live_rt_...": "REFRESH"}
"""How they put other secrets into variables, which the tests fill."""
ID = re.compile(r"\b([a-z]+)_[0-9a-hjkmnp-tv-z]{26}\b")

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_CURL_FLAGS = frozenset({"-s", "-N", "-sN", "-G"})
_CURL_OPTIONS = frozenset({"-X", "-H", "-d", "--data-binary", "-o", "-C", "--url-query"})
_FILES = {
    "@proof.pdf": "%PDF-1.7\n",
    "@products.csv": "sku,name,price\nDOC-1,Cup,5.00\nDOC-2,Bowl,7.50\n",
    "@names.jsonl": '{"id": "prod_01jd3v4q8rf9k6w2m5n7t0xhz4", "name": "Red mug"}\n',
}
"""What is in the files that the pages send."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block, and the JSON block that follows it at once."""

    language: str
    text: str
    line: int
    json: Any = None


@dataclass(frozen=True, slots=True)
class Call:
    """One ``curl``."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None
    streams: bool


def blocks(page: Path) -> list[Block]:
    """The blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(text))
    result = []
    for match, following in zip_longest(found, found[1:]):
        content = None
        if following is not None and following[1] == "json":
            between = text[match.end() : following.start()]
            content = json.loads(following[2]) if between.count("\n\n") <= 2 else None
        result.append(Block(match[1], match[2], text.count("\n", 0, match.start()) + 1, content))
    return result


def commands(block: Block) -> Iterator[str]:
    """The commands of a ``sh`` block: lines, joined while a quotation or a backslash is open."""
    pending = ""
    for line in block.text.splitlines():
        pending = f"{pending}\n{line}" if pending else line
        try:
            words = shlex.split(pending, comments=True)
        except ValueError:  # a quotation is open
            continue
        if pending.endswith("\\"):
            continue
        if words:
            yield pending
        pending = ""
    assert not pending, f"line {block.line}: the block ends within a command"


def call_of(command: str, key: str) -> Call:
    """What a ``curl`` sends. Raises AssertionError for an option that is not known here."""
    words = shlex.split(command.replace("$KEY", key).replace("\\\n", " "), comments=True)
    assert words.pop(0) == "curl", command
    method, url, body, by_get, streams = None, None, None, False, False
    query = ""
    headers: dict[str, str] = {}
    remaining = iter(words)
    for word in remaining:
        if word in _CURL_FLAGS:
            by_get |= word == "-G"
            streams |= "N" in word
        elif word in _CURL_OPTIONS:
            value = next(remaining)
            if word == "-X":
                method = value
            elif word == "-d":
                body = value
            elif word == "--data-binary":
                body = _FILES[value]
            elif word == "--url-query":
                name, _, text = value.partition("=")
                query = f"?{name}={quote(text)}"
            elif word in ("-o", "-C"):
                assert re.fullmatch(r"-|[a-z]+\.(pdf|zpl|csv|png|jsonl)", value), f"{value} in {command}"
            else:
                name, _, text = value.partition(":")
                headers[name] = text.strip()
        else:
            assert url is None, f"{word} in {command}"
            assert word.startswith(URL), f"{word} in {command}"
            url = word
    assert url is not None, command
    path = url.removeprefix(URL) + query
    if by_get:
        return Call("GET", f"{path}?{body}", headers, None, streams)
    if body is not None:  # as curl does
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return Call(method or ("GET" if body is None else "POST"), path, headers, body, streams)


def check_command(command: str) -> None:
    """That a command which is not run is one that Makefile and command line have. Raises AssertionError."""
    if command in (KEY_LINE, TEST_KEY_LINE, *VARIABLE_LINES):
        return
    words = shlex.split(command, comments=True)
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[1] in targets, f"`{command}`: the Makefile has no such target"
        assert words[2:] in ([], ["PORT=8001"]), command
    elif words[0] == "export":
        name, equals, _ = words[1].partition("=")
        known = {f"GATEWAY_{field.upper()}" for field in Settings.model_fields}
        assert equals, command
        assert name in known, f"`{command}`: there is no such setting"
    else:
        assert words[0] == ".venv/bin/gateway", f"`{command}`: this is neither run nor known"
        _check_gateway(words[1:])


def _check_gateway(words: list[str]) -> None:
    """That the words are parsed by the command line; nothing is run."""
    command: Any = typer.main.get_command(cli.app)
    context = command.context_class(command, info_name="gateway")
    while hasattr(command, "resolve_command"):
        name, command, words = command.resolve_command(context, words)
        context = command.context_class(command, info_name=name, parent=context)
    command.make_context(context.info_name, list(words), parent=context.parent)


def shape_of(value: Any, path: str = "") -> set[str]:
    """The paths of the members in a JSON value; items of lists are one."""
    if isinstance(value, dict):
        return {
            found for name, each in value.items() for found in {f"{path}.{name}", *shape_of(each, f"{path}.{name}")}
        }
    if isinstance(value, list):
        return {found for each in value for found in shape_of(each, f"{path}[]")}
    return set()
