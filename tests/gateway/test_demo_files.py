"""Making the demo shop's files: exact, blind to the order of lines, and nothing lost silently."""

import csv
from pathlib import Path

import pytest

from gateway.demo.categories import categories_of
from gateway.demo.families import find_family
from gateway.demo.make_products import main, make
from gateway.demo.names import shop_name

HEADING = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"

# Every way in which the real file is dirty, in a few lines: line 2 of the file is the first of these.
RAW = (
    ("536365", "85123A", "WHITE HANGING HEART T-LIGHT HOLDER", "6", "2.55"),
    ("536366", "85123a", "WHITE HANGING HEART T-LIGHT HOLDER ", "2", "2.95"),  # case of the SKU, trailing blank
    ("536367", "85123A", "WHITE  HANGING HEART T-LIGHT HOLDER", "1", "2.55"),
    ("536368", "85123A", "CREAM HANGING HEART T-LIGHT HOLDER", "32", "2.95"),  # a second name; the prices now tie
    ("536369", "POST", "POSTAGE", "3", "18"),
    ("C536370", "D", "Discount", "-1", "27.5"),
    ("536371", "22139", "amazon", "1", "0"),  # a note, and no price
    ("536372", "22139", "", "4", "4.25"),  # priced without a name: another line names it
    ("536373", "22139", "RETROSPOT TEA SET CERAMIC 11 PC", "5", "4.25"),
    ("536374", "21134", "", "1", "0"),  # nothing but a stock correction
    ("536375", "22999", "wrongly marked", "7", "1.25"),  # priced, but only ever noted on
    ("536376", "22999", "?", "1", "1.25"),
    ("C536377", "22689", "DOORMAT MERRY CHRISTMAS RED ", "-50", "6.75"),  # only ever returned: named, priced, unsold
    ("536378", "85099B", "JUMBO BAG RED RETROSPOT", "10", "1.95"),
    ("536378", "85099F", "JUMBO BAG STRAWBERRY", "20", "1.95"),
    ("536378", "85099C", "JUMBO  BAG BAROQUE BLACK WHITE", "3", "2.10"),
    ("536379", "22633", "HAND WARMER UNION JACK", "many", "1.85"),
    ("536380", "22633", "HAND WARMER UNION JACK", "1", "1.855"),
    ("536381", "22633", "HAND WARMER UNION JACK", "0", "1.85"),
    ("536382", "22633", "HAND WARMER UNION JACK", "1", "-1.85"),
    ("536383", "22633", "HAND WARMER UNION JACK", "1", "nan"),
)

MADE = {
    "products.csv": [
        "sku,name,price,categories,tags",
        "22139,Retrospot Tea Set Ceramic 11 Piece,4.25,mugs-tableware,bestseller;retrospot",
        "22689,Doormat Merry Christmas Red,6.75,christmas;signs-doormats,",
        "85099,Jumbo Bag,1.95,bags-travel,bestseller;baroque;retrospot",
        "85123A,White Hanging Heart T-Light Holder,2.55,lighting-candles,bestseller",
    ],
    "variants.csv": [
        "product,sku,price,cost,stock,sold,attribute",
        "22139,22139,,1.49,30,9,",
        "22689,22689,,4.05,190,0,",
        "85099,85099B,,1.11,54,10,design=Red Retrospot",
        "85099,85099C,2.10,0.76,40,3,design=Baroque Black White",
        "85099,85099F,,0.84,106,20,design=Strawberry",
        "85123A,85123A,,0.92,206,41,",
    ],
    "categories.csv": [
        "slug,name",
        "christmas,Christmas",
        "bags-travel,Bags & Travel",
        "lighting-candles,Lighting & Candles",
        "mugs-tableware,Mugs & Tableware",
        "signs-doormats,Signs & Doormats",
    ],
    "refused.csv": [
        "line,invoice,stock_code,description,quantity,unit_price,reason,product",
        "6,536369,POST,POSTAGE,3,18,not_a_product,",
        "7,C536370,D,Discount,-1,27.5,not_a_product,",
        "8,536371,22139,amazon,1,0,no_price,22139",
        "11,536374,21134,,1,0,no_price,",
        "12,536375,22999,wrongly marked,7,1.25,no_name,",
        "13,536376,22999,?,1,1.25,no_name,",
        "18,536379,22633,HAND WARMER UNION JACK,many,1.85,malformed,",
        "19,536380,22633,HAND WARMER UNION JACK,1,1.855,malformed,",
        "20,536381,22633,HAND WARMER UNION JACK,0,1.85,malformed,",
        "21,536382,22633,HAND WARMER UNION JACK,1,-1.85,no_price,",
        "22,536383,22633,HAND WARMER UNION JACK,1,nan,malformed,",
        "23,536384,85123A,,,,malformed,85123A",
    ],
}

REPORT = """\
lines read: 22
products: 4, of which with several variants: 1
SKUs: 6
lines refused: 12
  malformed: 5
  no_name: 2
  no_price: 3
  not_a_product: 2
codes without a product: 5
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The dirty lines as a raw file, with a last line that stops in the middle."""
    path = tmp_path / "raw.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING.split(","))
        for invoice, code, description, quantity, price in RAW:
            writer.writerow(
                (invoice, code, description, quantity, "12-01-2010 08:26", price, "17850", "United Kingdom")
            )
        file.write("536384,85123A\n")
    return path


@pytest.mark.parametrize("name", MADE)
def test_the_dirty_lines_make_exactly_these_files(raw: Path, tmp_path: Path, name: str) -> None:
    make(raw, tmp_path)
    assert (tmp_path / name).read_text(encoding="utf-8").splitlines() == MADE[name]


def test_the_report_counts_every_line_and_names_every_lost_code(
    raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(raw), "--into", str(tmp_path)])
    report = capsys.readouterr().out
    assert report.startswith(REPORT)
    assert "no_name: 22999\n" in report
    assert "not_a_product: D, POST\n" in report


def test_the_order_of_the_lines_does_not_matter(raw: Path, tmp_path: Path) -> None:
    make(raw, tmp_path)
    first = {name: (tmp_path / name).read_bytes() for name in ("products.csv", "variants.csv", "categories.csv")}
    heading, *lines = raw.read_text(encoding="utf-8").splitlines()
    raw.write_text("\n".join([heading, *reversed(lines)]) + "\n", encoding="utf-8")
    make(raw, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in first} == first


@pytest.mark.parametrize(
    ("description", "name"),
    [
        ("3D SHEET OF DOG STICKERS", "3D Sheet of Dog Stickers"),
        ("PAPER CHAIN KIT 50'S CHRISTMAS ", "Paper Chain Kit 50's Christmas"),
        ("S/4 CACTI CANDLES", "S/4 Cacti Candles"),
        ("SET/20 RED RETROSPOT PAPER NAPKINS ", "Set of 20 Red Retrospot Paper Napkins"),
        ('CHARLIE+LOLA"EXTREMELY BUSY" SIGN', 'Charlie & Lola "Extremely Busy" Sign'),
        ("GOLD M.O.P ORBIT BRACELET", "Gold M.O.P Orbit Bracelet"),
        ("POTTING SHED SOW 'N' GROW SET", "Potting Shed Sow 'n' Grow Set"),
        ("KEY FOB , BACK DOOR ", "Key Fob, Back Door"),
        ("ASS COL SMALL SAND GECKO P'WEIGHT", "Assorted Colour Small Sand Gecko Paperweight"),
        ("PINK B'FLY C/COVER W BOBBLES", "Pink Butterfly Cushion Cover with Bobbles"),
        ("Dr. Jam's Arouzer Stress Ball", "Dr. Jam's Arouzer Stress Ball"),
        ("I'M ON HOLIDAY METAL SIGN", "I'm on Holiday Metal Sign"),
        ("BAG 500g SWIRLY MARBLES", "Bag 500g Swirly Marbles"),
        ("SILICON CUBE 25W, BLUE", "Silicon Cube 25W, Blue"),
        ("VINTAGE BILLBOARD LOVE/HATE MUG", "Vintage Billboard Love/Hate Mug"),
    ],
)
def test_names_are_written_as_a_shop_writes_them(description: str, name: str) -> None:
    assert shop_name(description) == name


@pytest.mark.parametrize(
    ("stem", "names"),
    [
        ("47566", {"47566": "Party Bunting", "47566B": "Tea Time Party Bunting"}),  # the stem is a SKU of its own
        ("84029", {"84029E": "Red Woolly Hottie White Heart", "84029G": "Knitted Union Flag Hot Water Bottle"}),
        ("82613", {"82613B": "Metal Sign Cupcake", "82613C": "Metal Sign Cupcake"}),  # nothing tells them apart
        ("47504", {"47504H": "English Rose Spirit Level", "47504K": "English Rose Garden Secateurs"}),
        ("10000", {"10000A": "Set of 3 Cups", "10000B": "Set of 3 Spoons"}),  # only the count is shared
        ("85123", {"85123A": "White Hanging Heart T-Light Holder"}),
    ],
)
def test_a_family_that_its_names_do_not_prove_stays_apart(stem: str, names: dict[str, str]) -> None:
    assert find_family(stem, names) is None


@pytest.mark.parametrize(
    ("names", "product", "attribute", "values"),
    [
        (["Blue Dinner Candles Silver Flock", "Purple Flock Dinner Candles"], None, None, None),
        (["Pink & White Breakfast Tray", "Blue & White Breakfast Tray"], "Breakfast Tray", "color", "Pink & White"),
        (["Green Pair Heart Hair Slides", "Blue Pair Heart Hair Slide"], "Pair Heart Hair Slides", "color", "Green"),
        (['Letter "A" Bling Key Ring', 'Letter "B" Bling Key Ring'], "Letter Bling Key Ring", "letter", "A"),
        (["Filler Pad 45x45cm", "Filler Pad 40x40cm"], "Filler Pad", "size", "45x45cm"),
        (["Rose Scented Candle", "Vanilla Scented Candle"], "Scented Candle", "scent", "Rose"),
        (["Eau de Nil Love Bird Candle", "Pink Love Bird Candle"], "Love Bird Candle", "color", "Eau de Nil"),
        (["Camouflage Design Teddy", "Stripes Design Teddy"], "Teddy", "design", "Camouflage"),
    ],
)
def test_what_differs_in_a_family_becomes_its_attribute(
    names: list[str], product: str | None, attribute: str | None, values: str | None
) -> None:
    family = find_family("10000", {"10000A": names[0], "10000B": names[1]})
    found = (family.name, family.attribute, family.values["10000A"]) if family else (None, None, None)
    assert found == (product, attribute, values)


def test_categories_follow_the_words_and_every_name_has_one() -> None:
    assert categories_of("Set of 4 Napkin Charms Hearts") == ("mugs-tableware",)
    assert categories_of("Christmas Tree T-Light Holder") == ("christmas", "lighting-candles")
    assert categories_of("English Rose Spirit Level") == ("gifts",)
