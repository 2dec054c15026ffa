"""Product CSVs as Shopify and WooCommerce export them. The files are of our own making."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from domain.jobs.imports.batches import BatchWriter
from domain.jobs.imports.shop_exports.html_text import plain_text
from tests.conftest import Client
from tests.jobs.conftest import Finished, Running
from tests.jobs.imports import Imports, bare

SHOPIFY = (
    "Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,"
    "Option2 Value,Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Price,"
    "Variant Compare At Price,Variant Barcode,Image Src,Image Position,Image Alt Text,Variant Image,Cost per item,"
    "Color (product.metafields.shopify.color-pattern),Status\n"
    'tee,Tee,"<p>Soft &amp; warm.</p><ul><li>Cotton</li></ul>",Acme,Apparel,T-Shirts,"new, summer",true,Size,S,Color,'
    "Red,TEE-S,180,shopify,5,19.90,25.00,'5012345678900,https://cdn.example.com/2.jpg,2,Back,"
    "https://cdn.example.com/red.jpg,7.50,red,active\n"
    "tee,,,,,,,,,M,,Red,,180.0,shopify,,21.90,,,https://cdn.example.com/1.jpg,1,Front,,,,\n"
    "tee,,,,,,,,,,,,,,,,,,,https://cdn.example.com/3.jpg,3,,,,,\n"
    "mug,Mug,,Acme,,,,false,Title,Default Title,,,,0,,3,5.00,,,,,,,,,draft\n"
    "bad,Bad,,Acme,,,,true,Title,Default Title,,,BAD,0,,3,five,,,,,,,,,active\n"
    "empty,,,,,,,,,,,,,,,,,,,https://cdn.example.com/9.jpg,1,,,,,\n"
)
WOOCOMMERCE_COLUMNS = (
    "ID",
    "Type",
    "SKU",
    "GTIN, UPC, EAN, or ISBN",
    "Name",
    "Published",
    "Is featured?",
    "Description",
    "Date sale price ends",
    "Stock",
    "Weight (kg)",
    "Sale price",
    "Regular price",
    "Categories",
    "Tags",
    "Images",
    "Parent",
    "Attribute 1 name",
    "Attribute 1 value(s)",
    "Attribute 1 visible",
    "Meta: _x",
)
SIZE, SIZES = "Attribute 1 name", "Attribute 1 value(s)"
WOOCOMMERCE_ROWS: list[dict[str, str]] = [
    {
        "ID": "10",
        "Type": "variable",
        "SKU": "TEE",
        "Name": "Tee",
        "Published": "1",
        "Description": "<p>Soft.</p>",
        "Categories": "Clothing > Tops, Sale",
        "Tags": "new, summer",
        SIZE: "Size",
        SIZES: "S, M",
        "Images": "https://e.com/1.jpg, https://e.com/2.jpg",
    },
    {"ID": "11", "Type": "simple, virtual", "Name": "Card", "Published": "0", "Regular price": "5.00"},
    {
        "ID": "12",
        "Type": "variation",
        "SKU": "TEE-S",
        "Name": "Tee - S",
        "Published": "1",
        "Parent": "TEE",
        "Stock": "4",
        "Weight (kg)": "0.2",
        "Sale price": "15.00",
        "Regular price": "19.90",
        SIZE: "Size",
        SIZES: "S",
        "Images": "https://e.com/s.jpg",
        "GTIN, UPC, EAN, or ISBN": "5012345678900",
    },
    {
        "ID": "13",
        "Type": "variation",
        "SKU": "TEE-M",
        "Name": "Tee - M",
        "Published": "1",
        "Parent": "id:10",
        "Stock": "parent",
        "Sale price": "15.00",
        "Regular price": "19.90",
        SIZE: "Size",
        SIZES: "M",
        "Date sale price ends": "2030-01-01",
    },
    {"ID": "14", "Type": "grouped", "SKU": "SET", "Name": "Set", "Published": "1"},
    {"ID": "15", "Type": "variation", "SKU": "LOST", "Name": "Lost", "Parent": "id:99", "Regular price": "1.00"},
    {"ID": "16", "Type": "simple", "SKU": "BAD", "Name": "Bad", "Regular price": "x"},
]


def written(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    """As CSV."""
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


WOOCOMMERCE = written(WOOCOMMERCE_COLUMNS, WOOCOMMERCE_ROWS)


@pytest.fixture
def imports(rest: Client, running: Running, finished: Finished) -> Imports:
    return Imports(rest, running, finished)


async def test_a_shopify_export_is_recognised_by_its_header(imports: Imports) -> None:
    """Other columns are left out. Taken out: ``ShopifyImporter`` in ``IMPORTERS`` (the header has unknown columns)."""
    job = await imports.run("products", SHOPIFY)
    assert (job["status"], job["counts"]) == ("succeeded", {"created": 4, "refused": 2}), job["error"]
    assert bare(await imports.report(job["id"]))[4:] == [
        ("6", "refused", "Variant Price"),
        ("7", "refused", "Title"),
        ("7", "refused", "Variant Price"),
    ]
    tee = (await imports.rest("GET", "/v2/products/tee")).json()
    assert (tee["name"], tee["price"], tee["status"], tee["description"]) == (
        "Tee",
        19.9,
        "active",
        "Soft & warm.\nCotton",
    )
    assert (tee["categories"], tee["tags"], tee["metadata"]) == (["t-shirts"], ["new", "summer"], {"vendor": "Acme"})
    urls = [each["url"] for each in tee["images"]]
    assert urls[:3] == [f"https://cdn.example.com/{number}.jpg" for number in (1, 2, 3)]
    small, medium = tee["variants"]
    assert (small["sku"], small["attributes"], small["inventory"]) == ("TEE-S", {"Size": "S", "Color": "Red"}, 5)
    assert (small["barcode"], small["compare_at_price"], small["cost"]) == ("5012345678900", 25.0, 7.5)
    assert (small["weight"], small["image"]) == ({"value": 180, "unit": "g"}, "https://cdn.example.com/red.jpg")
    assert (medium["sku"], medium["price"]) == ("tee-m-red", 21.9)
    mug = (await imports.rest("GET", "/v2/products/mug")).json()
    assert (mug["status"], mug["variants"][0]["sku"], mug["variants"][0]["attributes"]) == ("draft", "mug", {})
    assert (await imports.run("products", SHOPIFY))["counts"] == {"unchanged": 4, "refused": 2}


async def test_a_woocommerce_export_is_recognised_and_variations_find_their_product(imports: Imports) -> None:
    """By its id or its SKU, wherever they are. Taken out: ``VariationReader`` (they are refused)."""
    job = await imports.run("products", WOOCOMMERCE)
    assert (job["status"], job["counts"]) == ("succeeded", {"created": 4, "refused": 3}), job["error"]
    rows = await imports.report(job["id"])
    assert bare(rows) == [
        ("2", "created", ""),
        ("4", "created", ""),
        ("5", "created", ""),
        ("3", "created", ""),
        ("6", "refused", "Type"),
        ("8", "refused", "Regular price"),
        ("7", "refused", "Parent"),
    ]
    tee = (await imports.rest("GET", "/v2/products/TEE")).json()
    assert (tee["price"], tee["status"], tee["description"]) == (15.0, "active", "Soft.")
    assert (sorted(tee["categories"]), tee["tags"]) == (["sale", "tops"], ["new", "summer"])
    small, medium = tee["variants"]
    assert (small["price"], small["compare_at_price"], small["inventory"]) == (None, 19.9, 4)
    assert (small["barcode"], small["weight"]) == ("5012345678900", {"value": 0.2, "unit": "kg"})
    assert (medium["price"], medium["compare_at_price"], medium["attributes"]) == (19.9, None, {"Size": "M"})
    card = (await imports.rest("GET", "/v2/products/woo-11")).json()
    assert (card["status"], card["variants"][0]["sku"]) == ("draft", "woo-11")
    assert (await imports.run("products", WOOCOMMERCE))["counts"] == {"unchanged": 4, "refused": 3}


async def test_an_import_of_variations_goes_on_after_its_last_batch(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With batches of one product. Taken out: ``start`` in ``VariationReader.records`` (products are unchanged)."""
    real, calls = BatchWriter.write, []

    async def fail_once(self: BatchWriter, *given: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("of this test")
        await real(self, *given)

    monkeypatch.setattr(BatchWriter, "write", fail_once)
    monkeypatch.setattr("domain.jobs.imports.products.ProductImporter.batch_size", 1)
    job = await imports.run("products", WOOCOMMERCE)
    assert job["counts"] == {"created": 4, "refused": 3}
    assert len(calls) == 6


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<h1>A</h1>\n<p>b  c<br>d</p>", "A\nb c\nd"),
        ("x &lt; y &nbsp; z", "x < y z"),
        ("<script>alert(1)</script><style>p{}</style>kept", "kept"),
        ("plain, no HTML", "plain, no HTML"),
        ("a < b and <3", "a < b and <3"),
    ],
)
def test_html_becomes_plain_text(html: str, text: str) -> None:
    assert plain_text(html) == text
