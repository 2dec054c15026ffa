"""Making the demo shop's order files: every line judged by what it says and what it stands beside, none lost."""

import csv
from pathlib import Path

import pytest

from gateway.demo.make_orders import main, make

HEADING = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
HEART, NOON, LATER = "85123A", "12-01-2010 12:00", "12-01-2010 12:01"

# Every way in which the real file is dirty, in a few lines: line 2 of the file is the first of these.
RAW = (
    ("536365", HEART, "WHITE HEART", "6", LATER, "2.55", "17850", "United Kingdom"),
    ("536365", "85123a", "WHITE HEART ", "2", NOON, "0", "17850", "United Kingdom"),  # given away; a minute before
    ("536365", "POST", "POSTAGE", "3", LATER, "18", "17850", "United Kingdom"),
    ("536365", "D", "Discount", "-1", LATER, "1.5", "17850", "United Kingdom"),
    ("536365", "M", "Manual", "1", LATER, "18.95", "17850", "United Kingdom"),
    ("536366", HEART, "", "-10", NOON, "0", "", "EIRE"),  # missing from the shelf
    ("C536367", HEART, "WHITE HEART", "-2", NOON, "2.55", "17850", "France"),  # brought back
    ("C536367", HEART, "WHITE HEART", "2", NOON, "2.55", "17850", "France"),  # and yet not
    ("C536367", "D", "Discount", "-1", NOON, "1", "17850", "France"),  # less of a cancellation is more of a sale
    ("C536368", "D", "Discount", "-1", NOON, "27.5", "17850", "France"),  # a discount on nothing
    ("536369", "DOT", "DOTCOM POSTAGE", "1", NOON, "569.77", "", "United Kingdom"),  # nothing was sent
    ("536370", "21134", "", "1", NOON, "0", "", "United Kingdom"),  # never named, never priced
    ("536371", HEART, "WHITE HEART", "1", NOON, "2.55", "", "Unspecified"),
    ("536372", HEART, "WHITE HEART", "many", NOON, "2.55", "", "France"),
    ("536372", HEART, "WHITE HEART", "1", "2010-12-01", "2.55", "", "France"),
    ("536372", HEART, "WHITE HEART", "1", NOON, "-2.55", "", "France"),
    ("536373", HEART, "WHITE HEART", "1", NOON, "2.55", "", "France"),
    ("536373", "POST", "POSTAGE", "-1", NOON, "18", "", "France"),
    ("536373", "D", "Discount", "-1", NOON, "2.56", "", "France"),  # more than there is
)

MADE = {
    "invoices.csv": [
        "invoice,at,customer,country",
        "536365,2010-12-01T12:00:00+00:00,17850,United Kingdom",
        "536366,2010-12-01T12:00:00+00:00,,EIRE",
        "C536367,2010-12-01T12:00:00+00:00,17850,France",
        "536373,2010-12-01T12:00:00+00:00,,France",
    ],
    "invoice_lines.csv": [
        "line,invoice,kind,sku,quantity,price",
        "2,536365,item,85123A,6,2.55",
        "3,536365,item,85123A,2,0.00",
        "4,536365,shipping,POST,3,18.00",
        "5,536365,discount,D,1,1.50",
        "7,536366,write_off,85123A,10,0.00",
        "8,C536367,item,85123A,2,2.55",
        "18,536373,item,85123A,1,2.55",
    ],
    "refused_invoice_lines.csv": [
        "line,invoice,stock_code,description,quantity,invoice_date,unit_price,customer,country,reason",
        "6,536365,M,Manual,1,12-01-2010 12:01,18.95,17850,United Kingdom,not_a_product",
        "9,C536367,85123A,WHITE HEART,2,12-01-2010 12:00,2.55,17850,France,wrong_sign",
        "10,C536367,D,Discount,-1,12-01-2010 12:00,1,17850,France,wrong_sign",
        "11,C536368,D,Discount,-1,12-01-2010 12:00,27.5,17850,France,no_goods",
        "12,536369,DOT,DOTCOM POSTAGE,1,12-01-2010 12:00,569.77,,United Kingdom,no_goods",
        "13,536370,21134,,1,12-01-2010 12:00,0,,United Kingdom,no_product",
        "14,536371,85123A,WHITE HEART,1,12-01-2010 12:00,2.55,,Unspecified,unknown_country",
        "15,536372,85123A,WHITE HEART,many,12-01-2010 12:00,2.55,,France,malformed",
        "16,536372,85123A,WHITE HEART,1,2010-12-01,2.55,,France,malformed",
        "17,536372,85123A,WHITE HEART,1,12-01-2010 12:00,-2.55,,France,malformed",
        "19,536373,POST,POSTAGE,-1,12-01-2010 12:00,18,,France,wrong_sign",
        "20,536373,D,Discount,-1,12-01-2010 12:00,2.56,,France,no_goods",
        "21,536384,85123A,,,,,,,malformed",
    ],
}

REPORT = """\
lines read: 20
lines used: 7, of 4 invoices
  discount: 1
  item: 4
  shipping: 1
  write_off: 1
lines refused: 13
  malformed: 4
  no_goods: 3
  no_product: 1
  not_a_product: 1
  unknown_country: 1
  wrong_sign: 3
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The dirty lines as a raw file, with a last line that stops in the middle."""
    path = tmp_path / "raw.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING.split(","))
        writer.writerows(RAW)
        file.write("536384,85123A\n")
    return path


@pytest.mark.parametrize("name", MADE)
def test_the_dirty_lines_make_exactly_these_files(raw: Path, tmp_path: Path, name: str) -> None:
    make(raw, tmp_path)
    assert (tmp_path / name).read_text(encoding="utf-8").splitlines() == MADE[name]


def test_the_report_counts_every_line(raw: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(raw), "--into", str(tmp_path)])
    assert capsys.readouterr().out == REPORT
