"""Card numbers and keys are in no log, no error text and no representation, and the package is loaded when needed."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from domain.kernel.use_cases.outbound import Unknown
from domain.payments.ports import BankAccount, CardNumber, ChargeDetails, EvidenceFile, StripeCredentials
from tests.payments.stripe.conftest import Adapter
from tests.payments.stripe.requests import VISA, charge_of, failure, send_charge
from tests.payments.stripe.scripted import SECRET_KEY, ScriptedStripe

WRONG = CardNumber("4242424242424241", 12, 2034, "987")
BANK = BankAccount("110000000", "000123456789", "Jane Doe", "checking")


async def test_no_log_record_and_no_error_has_a_card_number(
    stripe: ScriptedStripe, adapter: Adapter, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in (None, "stripe", "aiohttp", "gateway.stripe"):
        caplog.set_level(logging.DEBUG, logger=name)
    logging.getLogger("gateway.stripe").warning("records are captured")
    outcomes = [
        await send_charge(adapter, charge_of(details=ChargeDetails(card=VISA))),
        await send_charge(adapter, charge_of(details=ChargeDetails(card=WRONG))),
        await send_charge(adapter, charge_of(details=ChargeDetails(bank_account=BANK), method="ach")),
    ]
    stripe.fail("error", "/v1/.*", times=9)
    outcomes.append(await send_charge(adapter, charge_of(details=ChargeDetails(card=VISA))))
    outcomes.append(await send_charge(adapter, charge_of()))
    assert outcomes[-1] == Unknown()
    assert failure(outcomes[1]).message == "Your card number … is incorrect."
    captured = capfd.readouterr()
    everything = "\n".join([caplog.text, captured.out, captured.err, *map(repr, outcomes)])
    assert "records are captured" in everything
    for secret in (VISA.number, WRONG.number, BANK.account_number, BANK.routing_number, SECRET_KEY):
        assert secret not in everything


def test_representations_have_no_secrets() -> None:
    shown = repr((StripeCredentials(SECRET_KEY), EvidenceFile("shipping_proof", "a.txt", "text/plain", b"private")))
    assert SECRET_KEY not in shown
    assert "private" not in shown


@pytest.mark.parametrize("variable", ["debug", "info"])
def test_the_package_prints_nothing_whatever_its_environment_says(variable: str) -> None:
    program = (
        "import os, sys\n"
        f"os.environ['STRIPE_LOG'] = {variable!r}\n"
        "from gateway.adapters.stripe.library import import_stripe\n"
        "stripe = import_stripe()\n"
        "stripe._util.log_debug('card 4242424242424242'); stripe._util.log_info('card 4242424242424242')\n"
        "print(stripe.enable_telemetry)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert (ran.stdout, ran.stderr) == ("False\n", "")


def test_the_application_does_not_import_the_package() -> None:
    program = (
        "import sys\n"
        "import gateway.app, gateway.adapters.stripe\n"
        "print('gateway.adapters.stripe' in sys.modules, [name for name in sys.modules if name.startswith('stripe')])\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout == "True []\n"
