"""Files that cannot be imported as a whole: a clear refusal, and nothing is written. Encodings that can."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile

import pytest

from tests.conftest import Client
from tests.jobs.conftest import Finished, Running
from tests.jobs.imports import CSV, JSON_LINES, Imports

HEADER = "sku,name,price\n"
GOOD = HEADER + "".join(f"S{row},Name,1.00\n" for row in range(300))


@pytest.fixture
def imports(rest: Client, running: Running, finished: Finished) -> Imports:
    return Imports(rest, running, finished)


def zipped(content: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("products.csv", content)
    return file.getvalue()


BAD = {
    "an empty line alone": ("\n", CSV, "The file is empty."),
    "no header": (
        "MUG,Mug,5.00\nPLATE,Plate,7.00\n",
        CSV,
        "The header has unknown columns: 'MUG', 'Mug', '5.00'. Known are: sku, name, price, description, status, "
        "categories, tags, images, variant_sku, variant_price, compare_at_price, cost, barcode, inventory, "
        "attributes..",
    ),
    "a header that lacks a column": ("sku,name\nA,A\n", CSV, "The header lacks the columns price."),
    "a column twice": ("sku,name,price,name\n", CSV, "The header has columns twice: 'name'."),
    "too many columns": (",".join(f"attributes.{n}" for n in range(500)), CSV, "The header has 500 columns; at most"),
    "Latin-1 late in the file": (
        GOOD.encode() + "X,Caf\u00e9,1\n".encode("latin-1"),
        CSV,
        "The file is not UTF-8: byte 4,410, in line 302.",
    ),
    "UTF-16 that is cut": (codecs.BOM_UTF16_LE + GOOD.encode("utf-16-le")[:-1], CSV, "The file is not UTF-16: byte"),
    "UTF-32": (codecs.BOM_UTF32_LE + GOOD.encode("utf-32-le"), CSV, "The file is UTF-32."),
    "binary": (HEADER.encode() + b"A,\x00,1\n", CSV, "The file is not a text: byte 17, in line 2."),
    "gzip": (gzip.compress(GOOD.encode()), CSV, "The file is compressed: gzip."),
    "a zip bomb": (zipped("0" * 10_000_000), CSV, "The file is compressed: zip"),
    "a quotation mark that is never closed": (GOOD + 'X,"Name,1\n', CSV, "The file is not CSV: line 302: unexpected"),
    "a cell without end": (GOOD + 'X,"' + "x\n" * 100_000, CSV, "The file is not CSV: line "),
    "a line without end": (GOOD + "x" * 1_100_000, CSV, "Line 302 has more than 1,048,576 bytes."),
    "JSON that is no JSON Lines": ('[\n{"sku": "A"}\n]', JSON_LINES, "The file is not JSON Lines: line 1: The line is"),
    "a list on a line": ("[]", JSON_LINES, "The file is not JSON Lines: line 1: The line must be a JSON object."),
}


@pytest.mark.parametrize(("content", "media", "error"), BAD.values(), ids=BAD.keys())
async def test_a_bad_file_is_refused_and_nothing_is_written(
    imports: Imports, content: bytes | str, media: str, error: str
) -> None:
    """Taken out: the count in ``run_import`` (200 products of the bad file are there)."""
    job = await imports.run("products", content, media)
    assert job["status"] == "failed"
    assert job["error"].startswith(error), job["error"]
    assert job["counts"] == {}
    assert (await imports.rest("GET", "/v2/products")).json()["data"] == []
    assert await imports.report(job["id"]) == []


ENCODINGS = {
    "UTF-8 with a mark": codecs.BOM_UTF8 + (HEADER + "A,Caf\u00e9,1\n").encode(),
    "UTF-16, little-endian": codecs.BOM_UTF16_LE + (HEADER + "A,Caf\u00e9,1\n").encode("utf-16-le"),
    "UTF-16, big-endian": codecs.BOM_UTF16_BE + (HEADER + "A,Caf\u00e9,1\n").encode("utf-16-be"),
    "CRLF and no end of line": (HEADER + "A,Caf\u00e9,1").replace("\n", "\r\n").encode(),
    "tabs": (HEADER + "A,Caf\u00e9,1\n").replace(",", "\t").encode(),
}


@pytest.mark.parametrize("content", ENCODINGS.values(), ids=ENCODINGS.keys())
async def test_encodings_are_recognised(imports: Imports, content: bytes) -> None:
    """Taken out: the mark of UTF-8 (an unknown column), ``_convert``, ``DELIMITERS``."""
    job = await imports.run("products", content)
    assert job["counts"] == {"created": 1}
    assert (await imports.rest("GET", "/v2/products/A")).json()["name"] == "Caf\u00e9"


async def test_rows_with_cells_too_many_or_too_few_are_refused_alone(imports: Imports) -> None:
    """Taken out: the count of cells in ``_record`` (zip fails, and the job with it)."""
    content = HEADER + 'A,A,1\nB,B\nC,C,1,2\n\nD,"D\nD",1\n'
    job = await imports.run("products", content)
    assert job["counts"] == {"created": 2, "refused": 2}
    rows = await imports.report(job["id"])
    assert [(row[0], row[1]) for row in rows] == [
        ("2", "created"),
        ("3", "refused"),
        ("4", "refused"),
        ("6", "created"),
    ]
    assert rows[1][4] == "The row has 2 cells, the header 3."


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/gzip"}, 415),
        ({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "text/csv", "Content-Length": str(2 << 30)}, 413),
    ],
)
async def test_bodies_that_cannot_be_files_are_refused_by_their_headers(
    rest: Client, headers: dict[str, str], status: int
) -> None:
    """Taken out: ``_check_head`` of ``receive_chunks``, ``require_media_type``."""
    answer = await rest("POST", "/v2/imports?kind=products", content=b"x", headers=headers)
    assert answer.status_code == status


async def test_an_empty_body_and_parameters_that_are_wrong_are_refused(rest: Client) -> None:
    headers = {"Content-Type": "text/csv"}
    assert (await rest("POST", "/v2/imports?kind=products", content=b"", headers=headers)).status_code == 422
    for query in ("?kind=cars", "?kind=products&dry_run=maybe", "?kind=products&colour=red"):
        assert (await rest("POST", f"/v2/imports{query}", content=b"x", headers=headers)).status_code == 400
    assert (await rest("POST", "/v2/imports", content=b"x", headers=headers)).status_code in (400, 422)
