"""FedEx and UPS on loopback: as much of their APIs as rates, labels and tracking need, as they document it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs

import pypdfium2

from domain.kernel.address import Address
from domain.shipping.ports import Label
from domain.shipping.tracking_numbers import new_tracking_number
from gateway.adapters.labels import PdfLabels

CLIENT_ID, CLIENT_SECRET = "the-client-id", "the-client-secret"
BASIC = "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
TOKENS = {"/oauth/token", "/security/v1/oauth/token"}


@dataclass
class FakeCarriers:
    """What it was asked, and how it answers."""

    url: str
    currency: str = "USD"
    asked: list[tuple[str, Any]] = field(default_factory=list)
    """Paths without their queries, and bodies."""
    silent: frozenset[str] = frozenset()
    """The carriers that accept requests and never answer them."""
    alert: str = ""
    """An error that it answers in place of rates."""
    events: list[tuple[str, str, str]] = field(default_factory=list)
    """What it says of every parcel: the carrier's code, when (ISO 8601, UTC, to the second), and where (a city)."""
    events_of: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)
    """What it says of parcels with these numbers in place of ``events``."""
    has_fault: bool = False
    """Whether it answers orders for labels with a fault of its own, after it has done what was asked."""
    is_mute: bool = False
    """Whether it closes the connection in place of an answer to them, after it has done what was asked."""
    is_held: bool = False
    """Whether it answers them only when it is ``released``."""
    has_pictures: bool = True
    """Whether its labels come with what is to be printed."""
    labels: dict[str, bool] = field(default_factory=dict)
    """The numbers of the packages that it has made labels for, and whether they are valid."""
    released: Event = field(default_factory=Event)

    def label(self, path: str, body: Any) -> Any:
        """Make a label, or void one: the answer."""
        if path == "/ship/v1/shipments/cancel":
            return {"output": {"cancelledShipment": self._void(body["trackingNumber"])}}
        if path.startswith("/api/shipments/v2409/void/"):
            done = self._void(path.rpartition("/")[2])
            return {"VoidShipmentResponse": {"Response": {"ResponseStatus": {"Code": "1" if done else "0"}}}}
        is_ups = path.startswith("/api/")
        shipment = body["ShipmentRequest"]["Shipment"] if is_ups else body["requestedShipment"]
        packages = shipment["Package" if is_ups else "requestedPackageLineItems"]
        numbers = [new_tracking_number("ups" if is_ups else "fedex", "ground") for _ in packages]
        self.labels.update(dict.fromkeys(numbers, True))
        return _ups_label(numbers) if is_ups else _fedex_label(numbers, self.has_pictures)

    def _void(self, number: str) -> bool:
        known = self.labels.get(number, False)
        self.labels[number] = False
        return known

    def rates(self, path: str) -> Any:
        """The answer to a request for rates."""
        if self.alert:
            errors = {"errors": [{"code": "SERVICE.UNAVAILABLE", "message": self.alert}]}
            return errors if path.startswith(("/rate/", "/ship/")) else {"response": errors}
        return self._fedex() if path.startswith("/rate/") else self._ups()

    def track(self, path: str, body: Any) -> Any:
        """The answer to a request for what has become of a parcel, the latest first."""
        own = [events for number, events in self.events_of.items() if number in path or number in str(body)]
        found = sorted(own[0] if own else self.events, key=lambda event: event[1], reverse=True)
        if path.startswith("/track/"):
            scans = [
                {"date": at, "eventType": code, "eventDescription": f"Event {code}", "scanLocation": {"city": city}}
                for code, at, city in found
            ]
            result = {"scanEvents": scans, "latestStatusDetail": {"code": found[0][0]}} if scans else {}
            return {"output": {"completeTrackResults": [{"trackingNumber": "1", "trackResults": [result]}]}}
        activity = []
        for code, at, city in found:
            day, time = at[:10].replace("-", ""), at[11:19].replace(":", "")
            told = {"type": code, "description": f"Event {code}"}
            activity.append({"date": day, "time": time, "status": told, "location": {"address": {"city": city}}})
        package = {"trackingNumber": "1", "activity": activity, "deliveryDate": []}
        return {"trackResponse": {"shipment": [{"package": [package]} if activity else {"inquiryNumber": "1"}]}}

    def _fedex(self) -> Any:
        prices = {"FEDEX_GROUND": 11.5, "GROUND_HOME_DELIVERY": 10.25, "STANDARD_OVERNIGHT": 61, "FEDEX_FREIGHT": 400}
        details = []
        for service, price in prices.items():
            rated = {
                "rateType": "ACCOUNT",
                "totalBaseCharge": price,
                "totalNetCharge": price,
                "currency": self.currency,
                "shipmentRateDetail": {"currency": self.currency},
            }
            details.append({"serviceType": service, "serviceName": service, "ratedShipmentDetails": [rated]})
        return {"output": {"rateReplyDetails": details}}

    def _ups(self) -> Any:
        def money(amount: str) -> Any:
            return {"CurrencyCode": self.currency, "MonetaryValue": amount}

        shipments = []
        for code, list_price, price, days in (("03", "14.00", "9.10", "3"), ("01", "70.00", "55.555", "1")):
            summary = {"EstimatedArrival": {"BusinessDaysInTransit": days}}
            shipments.append(
                {
                    "Service": {"Code": code},
                    "BaseServiceCharge": money(list_price),
                    "TransportationCharges": money(list_price),
                    "ServiceOptionsCharges": money("0.00"),
                    "TotalCharges": money(list_price),
                    "NegotiatedRateCharges": {"BaseServiceCharge": money(price), "TotalCharge": money(price)},
                    "TimeInTransit": {"ServiceSummary": summary},
                }
            )
        return {"RateResponse": {"RatedShipment": shipments}}


def _page(carrier: str, number: str) -> bytes:
    """A label, as a PDF."""
    place = Address(line1="1 Dock Road", city="New York", state="NY", zip="10001", country="US")
    printed = Label(
        carrier=carrier,
        service="Ground",
        tracking_number=number,
        barcode=(number,),
        ship_from=place,
        ship_to=place,
        order_number="1",
        weight="1 lb",
        number=1,
        count=1,
        shipped_on=date(2026, 1, 1),
    )
    return PdfLabels().print_labels([printed])


def _fedex_label(numbers: list[str], has_pictures: bool) -> Any:
    pieces = []
    for number in numbers:
        document = {"contentType": "LABEL", "docType": "PDF", "encodedLabel": _text(_page("FedEx", number))}
        pieces.append({"trackingNumber": number, "packageDocuments": [document] if has_pictures else []})
    made = {"masterTrackingNumber": numbers[0], "serviceType": "FEDEX_GROUND", "pieceResponses": pieces}
    return {"output": {"transactionShipments": [made]}}


def _ups_label(numbers: list[str]) -> Any:
    """UPS draws pictures that lie on their side."""
    packages = []
    for number in numbers:
        buffer = BytesIO()
        with pypdfium2.PdfDocument(_page("UPS", number)) as document:
            document[0].render(scale=200 / 72).to_pil().rotate(90, expand=True).save(buffer, "PNG")
        picture = {"ImageFormat": {"Code": "PNG"}, "GraphicImage": _text(buffer.getvalue())}
        packages.append({"TrackingNumber": number, "ShippingLabel": picture})
    results = {"ShipmentIdentificationNumber": numbers[0], "PackageResults": packages}
    return {"ShipmentResponse": {"ShipmentResults": results}}


def _text(content: bytes) -> str:
    return b64encode(content).decode()


@contextmanager
def fake_carriers() -> Iterator[FakeCarriers]:
    """Serve until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    carriers = FakeCarriers(f"http://127.0.0.1:{server.server_address[1]}")
    server.carriers = carriers  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield carriers
    finally:
        carriers.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.do_POST()

    def do_PUT(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        carriers: FakeCarriers = self.server.carriers  # type: ignore[attr-defined]
        content = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        path = self.path.partition("?")[0]
        if ("ups" if path.startswith(("/security/", "/api/")) else "fedex") in carriers.silent:
            carriers.released.wait()
            return
        if path in TOKENS:
            carriers.asked.append((path, content))
            self._answer(*self._token(content))
        elif self.headers["Authorization"] != "Bearer the-token":
            self._answer(401, {"errors": [{"code": "NOT.AUTHORIZED.ERROR", "message": "No token."}]})
        elif "/ship" in path and not carriers.alert:
            self._order(carriers, path, json.loads(content or "null"))
        else:
            body = json.loads(content or "null")
            carriers.asked.append((path, body))
            answer = carriers.track(path, body) if "/track/" in path and not carriers.alert else carriers.rates(path)
            self._answer(400 if carriers.alert else 200, answer)

    def _order(self, carriers: FakeCarriers, path: str, body: Any) -> None:
        carriers.asked.append((path, body))
        answer = carriers.label(path, body)
        if carriers.is_held:
            carriers.released.wait()
        if carriers.is_mute:
            self.close_connection = True
        elif carriers.has_fault:
            self._answer(503, {"errors": [{"code": "FAULT", "message": "Try again later."}]})
        else:
            self._answer(200, answer)

    def _token(self, content: str) -> tuple[int, Any]:
        given = {name: values[0] for name, values in parse_qs(content).items()}
        known = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        if self.headers["Authorization"] == BASIC or given.items() >= known.items():
            issued = {"issued_at": "4102444800000", "expires_in": 3_600, "token_type": "Bearer"}
            return 200, {"access_token": "the-token", **issued}
        told = f"The given client credentials were not valid: {given.get('client_secret')}"
        wrong = {"errors": [{"code": "NOT.AUTHORIZED.ERROR", "message": told}]}
        return 401, {**wrong, "response": wrong}

    def _answer(self, status: int, body: Any) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
