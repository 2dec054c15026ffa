"""What REST writes of access: API keys, trusted documents, the store, the caller, the audit log."""

from __future__ import annotations

from domain.kernel.documents import (
    ComputedMember,
    CurrencyMember,
    Document,
    EnumMember,
    InstantMember,
    JsonMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, UPDATED_AT, VERSION, id_member
from domain.kernel.principal import Mode, Plan, Principal

_TEXT = "query Shop { shop { name currency } }"
_HASH = "45602685294ec655a01b45fb8d4e1ed72a2ae58abd71c9dc697671095f8dfea8"
_KEY_ID = "key_01jd3v4q8rf9k6w2m5n7t0xhz4"


def _when(description: str) -> InstantMember:
    return InstantMember(description, example="2027-01-15T10:30:00Z", nullable=True)


_EXPIRES_AT = _when("When the key expires. Null if it never expires.")


class KeyDocument(Document):
    """An API key. Its secret is returned only when it is created."""

    id = id_member("key")
    name = TextMember("The name of the key.", example="Storefront")
    hint = TextMember("The first and last characters of the secret.", example="live_k3v…9xq2")
    scopes = TextListMember("The scopes of the key.", example=["products:read"])
    expires_at = _EXPIRES_AT
    revoked_at = _when("When the key was revoked. Null if it was not.")
    last_used_at = _when("When the key was last used, to the minute. Null if it was not.")
    created_by = TextMember(
        "The id of the API key that created this key, or of its successor if it was rolled; `system` for the command "
        "line. This key expires no later than that key. Null if the creator was not recorded.",
        example=_KEY_ID,
        nullable=True,
    )
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT
    secret = TextMember(
        "The secret of the key. Returned only in the response that created it.", example="live_…", only_new=True
    )


class TrustedDocumentDocument(Document):
    """A registered GraphQL document. Requests can refer to it by hash or id instead of sending it."""

    id = id_member("doc")
    hash = TextMember("The SHA-256 of the text in UTF-8, in lower-case hexadecimal.", example=_HASH)
    text = TextMember("The document, exactly as registered.", example=_TEXT)
    name = TextMember("The name of the document. Null if it has none.", example="Storefront 1.4", nullable=True)
    created_at = InstantMember("When the document was registered.", example="2026-01-15T10:30:00Z")


class ShopDocument(Document):
    """The store of the API key."""

    id = id_member("store")
    account_id = TextMember("The id of the account.", example="acct_01jd3v4q8rf9k6w2m5n7t0xhz4")
    name = TextMember("The name of the account.", example="Demo Shop")
    mode = EnumMember("Live store or sandbox.", Mode, example="live")
    plan = EnumMember("The plan of the account.", Plan, example="enterprise")
    currency = CurrencyMember("The currency of all prices and orders.", example="gbp")


def _scopes(caller: Principal, _: Principal) -> list[str]:
    return sorted(caller.scopes)


class ViewerDocument(Document):
    """The API key of the request."""

    credential = TextMember("The id of the API key.", example=_KEY_ID)
    scopes = ComputedMember("The scopes of the key.", _scopes, list[str], example=["products:read"])
    expires_at = _EXPIRES_AT


class AuditDocument(Document):
    """An entry of the audit log."""

    id = id_member("aud")
    action = TextMember("The action, such as `key.created`.", example="key.created")
    actor = TextMember("The id of the API key that made the change, or `system`.", example=_KEY_ID)
    object_id = TextMember("The id of the changed object.", example=_KEY_ID)
    details = JsonMember("Details of the change, as an object.", example={"scopes": ["all"]})
    request_id = TextMember(
        "The id of the request that made the change. Null if it was not made by a request.",
        example="req_01jd3v4q8rf9k6",
        nullable=True,
    )
    created_at = InstantMember("When the change was made.", example="2026-01-15T10:30:00Z")
