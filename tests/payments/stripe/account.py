"""What a Stripe account does with payment methods, payment intents, refunds, disputes and files."""

from __future__ import annotations

from typing import Any

from tests.payments.stripe import objects
from tests.payments.stripe.objects import Object

FEE = 30
"""The fixed part of the fee; 2.9 % are added."""
THREE_D_SECURE_PAGE = "https://hooks.stripe.example/3ds/"
REDIRECT_PAGE = "https://redirect.stripe.example/"


class RefusedError(Exception):
    """A request that Stripe refuses: the status and the error object of the answer."""

    def __init__(self, status: int, **error: Any) -> None:
        super().__init__(error.get("message"))
        self.status = status
        self.error = {"type": "card_error" if status == 402 else "invalid_request_error", **error}


class Account:
    """One account: its objects by id, and the rules of what may be done with them."""

    def __init__(self, *, takes_raw_cards: bool = True) -> None:
        self.takes_raw_cards = takes_raw_cards
        self.next_refund_status = "succeeded"
        self.settlement: tuple[str, int] | None = None
        """The currency that the account settles in and the percentage of an amount that it gets there."""
        self.methods: dict[str, Object] = {}
        self.intents: dict[str, Object] = {}
        self.charges: dict[str, Object] = {}
        self.transactions: dict[str, Object] = {}
        self.refunds: dict[str, Object] = {}
        self.disputes: dict[str, Object] = {}
        self.files: dict[str, Object] = {}
        self.contents: dict[str, tuple[str, bytes]] = {}

    def create_method(self, params: Object) -> Object:
        """A payment method of a card number."""
        if not self.takes_raw_cards:
            message = "Sending credit card numbers directly to the Stripe API is generally unsafe."
            raise RefusedError(400, message=message)
        number = params["card"]["number"]
        brand, last4 = objects.CARDS[objects.NUMBERS[number]] if number in objects.NUMBERS else ("visa", number[-4:])
        if last4 == "4241":
            message = f"Your card number {number} is incorrect."
            raise RefusedError(402, code="incorrect_number", message=message, param="number")
        made = objects.payment_method("card", brand, last4, params.get("billing_details"))
        self.methods[made["id"]] = made
        return made

    def create_intent(self, params: Object) -> Object:
        """A payment intent; confirmed at once where it is asked."""
        intent = objects.payment_intent(params)
        method = self._method(params)
        self.intents[intent["id"]] = intent
        intent["payment_method"] = method["id"]
        if params.get("confirm"):
            self._confirm(intent, method, params.get("return_url"))
        return intent

    def capture(self, id: str, params: Object) -> Object:
        """Collect an authorised amount, once."""
        intent = self._intent(id, "requires_capture", "captured")
        amount: int = params.get("amount_to_capture") or intent["amount"]
        if amount > intent["amount_capturable"]:
            message = "The remaining amount on this PaymentIntent that could be captured is smaller."
            raise RefusedError(400, code="amount_too_large", message=message, param="amount_to_capture")
        self._collect(intent, amount)
        return intent

    def cancel(self, id: str, reason: str | None = None) -> Object:
        """Release an authorisation. ``reason``: ``automatic`` where its time has ended."""
        intent = self._intent(id, ("requires_payment_method", "requires_capture", "requires_action"), "canceled")
        intent |= {"status": "canceled", "amount_capturable": 0, "next_action": None, "cancellation_reason": reason}
        return intent

    def authenticate(self, id: str) -> Object:
        """The buyer has done what was asked: 3-D Secure, a redirect, microdeposits."""
        intent = self._intent(id, "requires_action", "authenticated")
        self._charge(intent, self.methods[intent["payment_method"]])
        return intent

    def refund(self, params: Object) -> Object:
        """Pay back what is left at most."""
        intent = self._found(self.intents, params["payment_intent"])
        charge = self.charges[intent["latest_charge"]]
        left = charge["amount_captured"] - charge["amount_refunded"]
        if params.get("amount", left) > left:
            message = f"Refund amount is greater than unrefunded amount on charge ({left})."
            raise RefusedError(400, message=message, param="amount")
        if params.get("refund_application_fee"):
            message = "The charge has no application fee, so it cannot be refunded."
            raise RefusedError(400, message=message, param="refund_application_fee")
        made = objects.refund(params, intent, self.next_refund_status)
        charge["amount_refunded"] += made["amount"]
        made["balance_transaction"] = self._transaction(made["id"], "refund", -made["amount"], intent["currency"], 0)
        self.refunds[made["id"]] = made
        return made

    def dispute(self, intent_id: str, **differences: Any) -> Object:
        """A dispute that the buyer's bank opens."""
        made = objects.dispute(self.intents[intent_id], **differences)
        self.disputes[made["id"]] = made
        return made

    def update_dispute(self, id: str, params: Object) -> Object:
        """Take evidence, and submit it where it is asked."""
        dispute = self._found(self.disputes, id)
        if dispute["status"] != "needs_response":
            raise RefusedError(400, message="This dispute is already closed.", code="dispute_closed")
        dispute["evidence"] |= params.get("evidence", {})
        dispute["metadata"] |= params.get("metadata", {})
        dispute["evidence_details"] |= {"has_evidence": True, "submission_count": int(params.get("submit", False))}
        dispute["status"] = "under_review" if params.get("submit") else dispute["status"]
        return dispute

    def create_file(self, params: Object, name: str, content: bytes) -> Object:
        """An uploaded file."""
        made = objects.base("file", "file") | {"filename": name, "purpose": params["purpose"], "size": len(content)}
        self.files[made["id"]], self.contents[made["id"]] = made, (name, content)
        return made

    def expanded(self, object: Object, paths: list[str]) -> Object:
        """A copy of an object in which references are replaced by what they refer to."""
        made = dict(object)
        for path in paths:
            name, _, rest = path.partition(".")
            whole = self._referred(made.get(name))
            if whole is not None:
                made[name] = self.expanded(whole, [rest] if rest else [])
        return made

    def _referred(self, reference: Any) -> Object | None:
        if isinstance(reference, dict):
            return reference
        everything = self.methods | self.charges | self.transactions
        return everything.get(reference) if isinstance(reference, str) else None

    def _method(self, params: Object) -> Object:
        token, data = params.get("payment_method"), params.get("payment_method_data")
        if token in objects.CARDS:  # a test token makes a card of its own
            made = objects.payment_method("card", *objects.CARDS[token])
        elif token is not None:
            return self._found(self.methods, token)
        else:
            assert data is not None
            made = objects.payment_method(data["type"], billing=data.get("billing_details"))
        self.methods[made["id"]] = made
        return made

    def _confirm(self, intent: Object, method: Object, return_url: str | None) -> None:
        last4 = method["card"]["last4"] if method["type"] == "card" else ""
        if last4 in objects.DECLINES:
            code, decline, message = objects.DECLINES[last4]
            error = {"type": "card_error", "code": code, "decline_code": decline, "message": message}
            intent["last_payment_error"] = error
            raise RefusedError(402, **error, payment_intent=dict(intent))
        if method["type"] == "us_bank_account":
            details = {"arrival_date": objects.CAPTURE_BEFORE, "hosted_verification_url": f"{REDIRECT_PAGE}bank"}
            action = {"type": "verify_with_microdeposits", "verify_with_microdeposits": details}
            intent |= {"status": "requires_action", "next_action": action}
        elif last4 == "3184" or method["type"] != "card":
            if return_url is None:
                raise RefusedError(400, message="A `return_url` must be specified.", param="return_url")
            page = (THREE_D_SECURE_PAGE if last4 else REDIRECT_PAGE) + intent["id"]
            action = {"type": "redirect_to_url", "redirect_to_url": {"url": page, "return_url": return_url}}
            intent |= {"status": "requires_action", "next_action": action}
        else:
            self._charge(intent, method)

    def _charge(self, intent: Object, method: Object) -> None:
        made = objects.charge(intent, method, is_captured=False)
        self.charges[made["id"]] = made
        intent |= {"latest_charge": made["id"], "next_action": None}
        if method["type"] == "us_bank_account":
            made["status"] = "pending"
            intent["status"] = "processing"
        elif intent["capture_method"] == "manual":
            intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
        else:
            self._collect(intent, intent["amount"])

    def _collect(self, intent: Object, amount: int) -> None:
        charge = self.charges[intent["latest_charge"]]
        intent |= {"status": "succeeded", "amount_received": amount, "amount_capturable": 0}
        charge |= {"captured": True, "amount_captured": amount}
        fee = FEE + (amount * 29 + 500) // 1000
        charge["balance_transaction"] = self._transaction(charge["id"], "charge", amount, intent["currency"], fee)

    def _transaction(self, source: str, type: str, amount: int, currency: str, fee: int) -> str:
        if self.settlement is not None:
            currency, percentage = self.settlement
            amount, fee = amount * percentage // 100, fee * percentage // 100
        made = objects.balance_transaction(source, type, amount, currency, fee)
        self.transactions[made["id"]] = made
        return str(made["id"])

    def _intent(self, id: str, wanted: str | tuple[str, ...], verb: str) -> Object:
        intent = self._found(self.intents, id)
        if intent["status"] not in wanted:
            message = f"This PaymentIntent could not be {verb} because it has a status of {intent['status']}."
            raise RefusedError(
                400, code="payment_intent_unexpected_state", message=message, payment_intent=dict(intent)
            )
        return intent

    def _found(self, objects: dict[str, Object], id: str) -> Object:
        if id not in objects:
            raise RefusedError(404, code="resource_missing", message=f"No such object: '{id}'", param="id")
        return objects[id]
