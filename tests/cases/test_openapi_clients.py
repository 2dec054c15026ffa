"""D3, D22: other people's generators and linters take the OpenAPI document as it is."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
import warnings
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from domain.catalog.commands import VariantInput
from domain.events import EventType
from rest_compat import openapi
from tests.conftest import Client, Graph, MakeProduct
from tests.gateway.clients.conftest import BUILT, TOOLS, node

DOCUMENT: dict[str, Any] = json.loads(json.dumps(openapi.document("https://api.shop.example")))
NODE_MODULES = TOOLS / "node_modules"
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
ONLY_CODE = "apiTests=false,modelTests=false,apiDocs=false,modelDocs=false"
GENERATED = """package javax.annotation;
public @interface Generated { String[] value(); String comments() default ""; String date() default ""; }
"""
"""What Java's generator marks its classes with; it is not among the classes that the generator itself brings."""


def jar() -> Path:
    """openapi-generator with all the libraries that its Java clients need."""
    files = distribution("openapi-generator-cli").files or []
    return Path(str(next(file.locate() for file in files if file.name == "openapi-generator.jar")))


@pytest.fixture(scope="module")
def folder() -> Path:
    """Where clients are made, beneath the tools, so that Node finds their packages; the document lies in it."""
    made = BUILT / "openapi"
    shutil.rmtree(made, ignore_errors=True)
    made.mkdir(parents=True)
    (made / "openapi.json").write_text(json.dumps(DOCUMENT))
    return made


@pytest.fixture(scope="module")
def java() -> str:
    """The directory of a JDK's programs. Skips, and says so, without one."""
    found = shutil.which("javac")
    if found is None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("CLIENTS OF OPENAPI-GENERATOR SKIPPED: javac is not installed", stacklevel=2)
        pytest.skip("javac is not installed")
    return str(Path(found).parent)


async def run(*command: str | Path, cwd: Path) -> str:
    """Run a program and insist that it succeeds; what it printed."""
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0, printed.decode()[-5_000:]
    return printed.decode()


async def generate(java: str, language: str, folder: Path, *options: str) -> Path:
    """A client made by openapi-generator."""
    made = folder / language
    command = [f"{java}/java", "-jar", jar(), "generate", "-i", folder / "openapi.json", "-g", language, "-o", made]
    await run(*command, f"--global-property={ONLY_CODE}", *options, cwd=folder)
    return made


async def compile_typescript(folder: Path, *files: str) -> None:
    """Insist that the files compile, strictly."""
    options = ["--noEmit", "--strict", "--target", "es2022", "--module", "esnext"]
    options += ["--moduleResolution", "bundler", "--skipLibCheck"]
    assert await node(NODE_MODULES / "typescript/bin/tsc", *options, *files, cwd=folder) == ""


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(child)


def test_d3_schemas_use_only_what_generators_understand() -> None:
    """Fails with the two formats of a date that had no type, with ``const``, and with NUL written in four digits."""
    for each in nodes(DOCUMENT):
        assert "const" not in each
        assert "\\u" not in str(each.get("pattern", ""))
        for choice in ("anyOf", "oneOf"):
            for schema in each.get(choice, []):
                assert {"type", "$ref"} & schema.keys(), each
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert name[0].isupper(), name
        assert schema["description"], name


def test_d3_every_list_has_one_envelope_of_its_own_name() -> None:
    """Fails with the envelope of two overlapping pages, which generated clients rejected."""
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            content = next(iter(operation["responses"].values())).get("content", {}).get("application/json")
            if content is not None:
                assert content["schema"].keys() == {"$ref"}, path
    page = DOCUMENT["components"]["schemas"]["ProductPage"]
    assert page["required"] == ["data", "pagination"]
    assert page["properties"]["pagination"] == {"$ref": "#/components/schemas/Pagination"}


def test_d3_the_server_is_absolute_and_everything_is_described() -> None:
    """Fails with the server ``/v2``, which Postman cannot reach, and with tags and operations without a text."""
    assert [server["url"] for server in DOCUMENT["servers"]] == ["https://api.shop.example/v2"]
    assert {"contact", "license", "description"} <= DOCUMENT["info"].keys()
    assert all(tag["description"] for tag in DOCUMENT["tags"])
    for methods in [*DOCUMENT["paths"].values(), *DOCUMENT["components"]["pathItems"].values()]:
        for operation in methods.values():
            assert operation["description"].endswith("."), operation["operationId"]


def is_of_the_platform(problem: dict[str, Any]) -> bool:
    """Whether a path is called ambiguous that the platform's document has: `/payments/{intent_id}/capture` beside
    `/payments/disputes/{id}`. No id is a word.
    """
    return problem["ruleId"] == "no-ambiguous-paths" and all(
        place["pointer"].startswith("#/paths/~1payments~1") for place in problem["location"]
    )


async def test_d3_redocly_and_spectral_have_nothing_to_say(folder: Path) -> None:
    """Fails without the descriptions of tags, with read-only members in what webhooks receive, and the like."""
    redocly = NODE_MODULES / "@redocly/cli/bin/cli.js"
    printed = await node(redocly, "lint", "--format=json", "openapi.json", cwd=folder, **QUIET)
    problems = json.loads(printed[printed.index("{\n") : printed.rindex("}") + 1])["problems"]
    assert [each for each in problems if not is_of_the_platform(each)] == []
    (folder / ".spectral.yaml").write_text('extends: ["spectral:oas"]\n')
    spectral = NODE_MODULES / "@stoplight/spectral-cli/dist/index.js"
    assert json.loads(await node(spectral, "lint", "--format=json", "--quiet", "openapi.json", cwd=folder)) == []


async def test_d3_clients_for_typescript_compile(folder: Path, java: str) -> None:
    """Fails with dates of two formats and no type: openapi-generator wrote a class without a name."""
    await node(NODE_MODULES / "openapi-typescript/bin/cli.js", "openapi.json", "-o", "types.ts", cwd=folder)
    await node(NODE_MODULES / "@hey-api/openapi-ts/bin/run.js", "-i", "openapi.json", "-o", "hey-api", "-s", cwd=folder)
    config = {"api": {"input": "openapi.json", "output": {"target": "orval/api.ts", "client": "fetch"}}}
    (folder / "orval.config.cjs").write_text(f"module.exports = {json.dumps(config)};\n")
    await node(NODE_MODULES / "orval/dist/bin/orval.js", "--config", "orval.config.cjs", cwd=folder)
    await generate(java, "typescript-fetch", folder)
    await compile_typescript(folder, "types.ts", "hey-api/index.ts", "orval/api.ts", "typescript-fetch/index.ts")


async def test_d3_a_client_for_java_compiles(folder: Path, java: str) -> None:
    """Fails with dates of two formats and no type: ``AnyOf`` is no class."""
    options = "openApiNullable=false,hideGenerationTimestamp=true"
    made = await generate(java, "java", folder, "--library=native", f"--additional-properties={options}")
    (made / "Generated.java").write_text(GENERATED)
    sources = [str(path) for path in made.rglob("src/main/**/*.java")]
    assert len(sources) > 100
    (made / "sources").write_text("\n".join([*sources, str(made / "Generated.java")]))
    classes = made / "classes"
    await run(f"{java}/javac", "-proc:none", "-nowarn", "-d", classes, "-cp", jar(), f"@{made / 'sources'}", cwd=made)


async def test_d3_a_client_for_python_is_python(folder: Path, java: str) -> None:
    """Every pattern of it compiles, too: they stand in its validators. Fails with ``\\p{L}``, which Python lacks."""
    made = await generate(java, "python", folder)
    await run(sys.executable, "-m", "compileall", "-q", made / "openapi_client", cwd=made)
    models = list(made.rglob("models/*.py"))
    assert len(models) > 100
    patterns = [found for path in models for found in re.findall(r're\.match\(r"(.*)", value\)', path.read_text())]
    assert len(patterns) > 20
    for pattern in patterns:
        re.compile(pattern)


@pytest.mark.parametrize(
    ("language", "program", "ending"), [("go", "gofmt", "go"), ("ruby", "ruby", "rb"), ("php", "php", "php")]
)
async def test_d3_clients_for_other_languages_are_made_and_can_be_read(
    language: str, program: str, ending: str, folder: Path, java: str
) -> None:
    """Every type in it has a name; the language's own parser reads it where that is installed.

    Fails with dates of two formats and no type: each of the three names a class ``AnyOf`` that is not there.
    """
    made = await generate(java, language, folder)
    sources = [path for path in made.rglob(f"*.{ending}") if path.stat().st_size]
    assert len(sources) > 100
    texts = {path: path.read_text() for path in sources}
    for path, text in texts.items():
        assert not re.search(r"\bAnyOf\b|UNKNOWN_BASE_TYPE", text), path
    if shutil.which(program) is None:
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn(f"THE CLIENT FOR {language} IS NOT READ: {program} is not installed", stacklevel=2)
    elif language == "go":
        assert await run("gofmt", "-e", "-l", *sources, cwd=made) is not None
    else:
        for path in sources:
            await run(program, "-c" if language == "ruby" else "-l", path, cwd=made)


def test_d22_the_document_says_what_webhooks_send_and_that_a_discount_is_one_of_two() -> None:
    """Fails without ``webhooks``, and with a discount whose amount and percent may stand together."""
    assert {each.value for each in EventType if each.value not in DOCUMENT["webhooks"]} == set()
    for methods in DOCUMENT["webhooks"].values():
        item = methods if "post" in methods else DOCUMENT["components"]["pathItems"][methods["$ref"].rpartition("/")[2]]
        assert "schema" in item["post"]["requestBody"]["content"]["application/json"]
    schemas = DOCUMENT["components"]["schemas"]
    choices = [schemas[each["$ref"].rpartition("/")[2]] for each in schemas["DiscountInput"]["oneOf"]]
    assert [(each["required"], each["additionalProperties"]) for each in choices] == [
        (["amount"], False),
        (["percent"], False),
    ]
    assert not [name for name in schemas if re.search(r"[0-9]{3}Response", name)]


@pytest.mark.parametrize("discount", [{"amount": 1, "percent": 10}, {}])
async def test_d22_a_discount_of_both_or_none_is_refused_on_both_surfaces(
    discount: dict[str, Any], rest: Client, graph: Graph, make_product: MakeProduct
) -> None:
    """Fails without ``one_of`` of the discount."""
    await make_product(sku="MUG", variants=(VariantInput(sku="MUG", inventory=5),))
    given: dict[str, Any] = {"items": [{"sku": "MUG", "quantity": 1}], "discount": discount}
    refused = await rest("POST", "/v2/orders", json=given)
    assert (refused.status_code, refused.json()["error"]["details"][0]["field"]) == (422, "discount")
    query = "mutation ($i: CreateOrderInput!) { createOrder(input: $i) { userErrors { field } } }"
    if "amount" in discount:
        discount = {**discount, "amount": {"amount": 1}}
    answer = await graph(query, i={**given, "discount": discount})
    assert answer["createOrder"]["userErrors"] == [{"field": ["discount"]}]
