"""Labels: their barcodes are read back by a decoder, and their text is what was asked for, within the page."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from io import BytesIO
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from domain.kernel.address import Address
from domain.shipping.ports import Label, barcode_elements
from domain.shipping.tariffs import CARRIERS
from domain.shipping.tracking_numbers import new_tracking_number
from gateway.adapters.labels import PdfLabels, PngLabels, ZplLabels
from gateway.adapters.labels.pdf import HEIGHT, WIDTH
from gateway.adapters.labels.text import SANDBOX_TEXT

SERVICES = [(carrier.code, service.code) for carrier in CARRIERS.values() for service in carrier.services]
DOCK = Address(company="Warehouse One", line1="1 Dock Road", city="New York", state="NY", zip="10001", country="US")
HOME = Address(first_name="Jane", last_name="Doe", line1="2 Hill", city="Beverly Hills", zip="90210", country="US")
ABROAD = {
    "polish": Address(
        first_name="Grzegorz", last_name="Brzęczyszczykiewicz", line1="ul. Święta 5", city="Łódź", country="PL"
    ),
    "greek": Address(first_name="Ελένη", last_name="Παπαδοπούλου", line1="Οδός Ερμού 12", city="Αθήνα", country="GR"),
    "cyrillic": Address(first_name="Дмитро", last_name="Щербак", line1="вул. Хрещатик, 7", city="Київ", country="UA"),
    "vietnamese": Address(first_name="Nguyễn", last_name="Thị Hằng", line1="Đường Láng 9", city="Hà Nội", country="VN"),
}
LONG = Address(
    first_name="Wolfeschlegelsteinhausenbergerdorff" * 3,
    last_name="of Hohenlohe and Langenburg " * 6,
    company="Company " * 30,
    line1="Street " * 36,
    line2="Flat " * 50,
    city="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    state="Ynys Môn " * 20,
    zip="LL61 5UJ",
    country="GB",
)


def label(carrier: str = "ups", service: str = "ground", **more: Any) -> Label:
    number = new_tracking_number(carrier, service)
    made = Label(
        carrier=CARRIERS[carrier].name,
        service=next(each.name for each in CARRIERS[carrier].services if each.code == service),
        tracking_number=number,
        barcode=barcode_elements(carrier, number, HOME.zip),
        ship_from=DOCK,
        ship_to=HOME,
        order_number="1473",
        weight="2.5 lb",
        number=1,
        count=2,
        shipped_on=date(2026, 11, 29),
    )
    return replace(made, **more)


def pages_of(*labels: Label) -> list[Any]:
    return list(pypdfium2.PdfDocument(BytesIO(PdfLabels().print_labels(labels))))


def text_of(page: Any) -> str:
    return str(page.get_textpage().get_text_range())


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(("carrier", "service"), SERVICES)
def test_the_barcode_is_read_back(carrier: str, service: str, dpi: int) -> None:
    asked = label(carrier, service, is_sandbox=True)
    (page,) = pages_of(asked)
    (found,) = zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())
    is_gs1 = len(asked.barcode) > 1
    assert found.format == zxingcpp.BarcodeFormat.Code128
    assert found.content_type == (zxingcpp.ContentType.GS1 if is_gs1 else zxingcpp.ContentType.Text)
    digits = found.text.replace("(", "").replace(")", "") if is_gs1 else found.text
    assert digits == "".join(asked.barcode)
    assert digits.endswith(asked.tracking_number)


@pytest.mark.parametrize(("carrier", "service"), SERVICES)
def test_the_barcodes_of_a_picture_are_read_back(carrier: str, service: str) -> None:
    """One below the other, at 203 dpi. Taken out to see it fail: the place in ``print_labels``."""
    asked = [label(carrier, service, number=number) for number in (1, 2, 3)]
    drawn = PngLabels(PdfLabels()).print_labels(asked)
    picture = Image.open(BytesIO(drawn))
    assert (picture.format, picture.size, picture.mode) == ("PNG", (812, 3 * 1_218), "1")
    for place, each in enumerate(asked):
        (found,) = zxingcpp.read_barcodes(picture.convert("L").crop((0, place * 1_218, 812, (place + 1) * 1_218)))
        assert found.text.replace("(", "").replace(")", "").endswith(each.tracking_number)
    assert PngLabels(PdfLabels()).print_labels(asked) == drawn


@pytest.mark.parametrize("script", list(ABROAD))
def test_addresses_are_written_in_their_scripts(script: str) -> None:
    address = ABROAD[script]
    text = text_of(*pages_of(label(ship_to=address)))
    for part in (f"{address.first_name} {address.last_name}", address.line1, address.city, address.country):
        assert part in text


def test_a_label_says_what_it_is() -> None:
    real, sandbox = pages_of(label(needs_signature=True), label(is_sandbox=True, number=2))
    assert SANDBOX_TEXT not in text_of(real)
    assert SANDBOX_TEXT in text_of(sandbox)
    assert "SIGNATURE REQUIRED" in text_of(real)
    assert "SIGNATURE REQUIRED" not in text_of(sandbox)
    assert "package 2 of 2" in text_of(sandbox)
    for told in ("UPS", "UPS Ground", "Order 1473", "2026-11-29", "2.5 lb", "Warehouse One"):
        assert told in text_of(real)


def test_long_texts_stay_on_the_label() -> None:
    page, *_ = pages_of(
        label(ship_to=LONG, ship_from=LONG, order_number="9" * 18, is_sandbox=True, needs_signature=True)
    )
    textpage = page.get_textpage()
    for place in range(textpage.count_rects()):
        left, bottom, right, top = textpage.get_rect(place)
        assert left >= 0
        assert right <= WIDTH
        assert bottom >= 0
        assert top <= HEIGHT
    assert "GB" in text_of(page)
    assert len(zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil())) == 1


def test_the_same_label_is_the_same_file() -> None:
    asked = label()
    assert PdfLabels().print_labels([asked]) == PdfLabels().print_labels([asked])
    assert pages_of(asked)[0].get_size() == (288, 432)


@pytest.mark.parametrize(
    "number",
    [
        "ABCDEFGHIJ" * 3,
        "A1B2" * 10,
        "PEDAL 1234",
        "12345678901234",
        "X" * 64,
        "A-1" * 21,
        "9205 5902 7554 7700 0271 99",
    ],
)
def test_numbers_of_any_length_are_read_back(number: str) -> None:
    """Within the page, with what readers need at both sides; blanks are for people only.

    Taken out to see it fail: ``dots_of_module`` (the bars leave the page); ``replace`` of ``barcode_elements``.
    """
    asked = label(tracking_number=number, barcode=barcode_elements("pedal", number, "90210"))
    (page,) = pages_of(asked)
    (found,) = zxingcpp.read_barcodes(page.render(scale=203 / 72).to_pil())
    assert found.text == number.replace(" ", "")
    assert min(found.position.top_left.x, found.position.bottom_left.x) >= 10
    assert max(found.position.top_right.x, found.position.bottom_right.x) <= 802


def test_zpl_escapes_what_would_be_a_command() -> None:
    asked = label(ship_to=replace(HOME, company="A^XZ~B_C"), is_sandbox=True)
    written = ZplLabels().print_labels([asked]).decode()
    assert written.startswith("^XA")
    assert written.count("^XZ") == 1
    assert "A_5EXZ_7EB_5FC" in written
    assert SANDBOX_TEXT in written
    gs1 = label("usps", "priority")
    assert f"^FD>;>8{gs1.barcode[0]}>8{gs1.barcode[1]}^FS" in ZplLabels().print_labels([gs1]).decode()


def zpl_barcode(written: str) -> tuple[str, int, int, int]:
    """The text of the barcode of a label, where it begins, the dots of its narrowest bar, and its modules."""
    found = re.search(r"\^FO([0-9]+),[0-9]+\^BY([0-9])\^BCN,180,N,N,N\^FD([^^]*)\^FS", written)
    assert found is not None, written
    text, symbols, subset = "", 2, ""  # start and check
    for code, rest in re.findall(r"(>.)([^>]*)", found[3]):
        symbols += code not in (">:", ">;")
        subset = {">:": "B", ">;": "C", ">5": "C", ">6": "B"}.get(code, subset)
        assert subset == "B" or (len(rest) % 2 == 0 and (not rest or rest.isdigit()))
        text, symbols = text + rest, symbols + len(rest) // (2 if subset == "C" else 1)
    return text, int(found[1]), int(found[2]), 11 * symbols + 13


@pytest.mark.parametrize(("carrier", "service"), SERVICES)
@pytest.mark.parametrize("zip_code", ["90210", None])
def test_bars_of_zpl_are_on_the_label(carrier: str, service: str, zip_code: str | None) -> None:
    """With an empty margin of ten modules. Taken out to see it fail: the pairs of ``subset_runs``: a number of the USPS
    without a ZIP code takes 831 of 812 dots."""
    made = label(carrier, service)
    asked = replace(made, barcode=barcode_elements(carrier, made.tracking_number, zip_code))
    text, left, dots, modules = zpl_barcode(ZplLabels().print_labels([asked]).decode())
    assert text == "".join(asked.barcode)
    assert left >= 10 * dots
    assert left + dots * modules <= 812 - 10 * dots
    assert dots == 3


@pytest.mark.parametrize("number", ["X" * 64, "A1B2" * 10, "1" * 63, "PEDAL-1234", "AB12345CD123456"])
def test_bars_of_long_numbers_are_on_the_label(number: str) -> None:
    asked = label(tracking_number=number, barcode=barcode_elements("pedal", number, "90210"))
    text, left, dots, modules = zpl_barcode(ZplLabels().print_labels([asked]).decode())
    assert text == number
    assert left >= 10 * dots
    assert left + dots * modules <= 812 - 10 * dots


def test_addresses_of_zpl_are_wrapped_within_their_part() -> None:
    """Neither cut at the right nor over the bars. Taken out to see it fail: ``_wrapped_address``."""
    street = "The Old Printing Works behind the Brewery, entrance from the canal"
    asked = label(ship_to=replace(HOME, line1=street), ship_from=LONG, is_sandbox=True)
    written = ZplLabels().print_labels([asked]).decode()
    texts = [
        (int(x), int(y), int(size), text)
        for x, y, size, text in re.findall(
            r"\^FO([0-9]+),([0-9]+)\^A0N,([0-9]+),[0-9]+(?:\^FR)?\^FH\^FD([^^]*)\^FS", written
        )
    ]
    lines = [text for x, _, _, text in texts if x == 150]
    assert street in " ".join(lines)
    tops = sorted((y, size) for x, y, size, _ in texts if x == 150)
    assert all(y + size <= below for (y, size), (below, _) in pairwise(tops))
    bars = re.search(r"\^FO[0-9]+,([0-9]+)\^BY", written)
    assert bars is not None
    assert tops[-1][0] + tops[-1][1] <= int(bars[1])
    assert max(y + size for _, y, size, _ in texts) <= 1_218
