"""What REST writes of access: API keys, trusted documents, the store, the caller, the audit log."""

from __future__ import annotations

from domain.access.model import KeyType
from domain.access.oauth_model import ClientType, GrantEnd
from domain.kernel.documents import (
    BooleanMember,
    ComputedMember,
    CurrencyMember,
    DerivedMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    JsonMember,
    TextListMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, UPDATED_AT, VERSION, id_member
from domain.kernel.principal import Mode, Plan, Principal
from domain.kernel.rate_limits import rate_limit_usage

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
    type = EnumMember("Whether the key is kept secret, or published in browsers and apps.", KeyType, example="secret")
    hint = TextMember("The first and last characters of the secret.", example="live_k3v…9xq2")
    scopes = TextListMember("The scopes of the key.", example=["products:read"])
    hourly_limit = IntegerMember(
        "The number of requests per hour with this key. Null if only the limits of the store apply.",
        example=500,
        nullable=True,
    )
    daily_limit = IntegerMember(
        "The number of requests per day with this key. Null if only the limits of the store apply.",
        example=5_000,
        nullable=True,
    )
    allowed_addresses = TextListMember(
        "The networks (CIDR) from which the key works. Empty if it works from everywhere.", example=["203.0.113.0/24"]
    )
    origins = TextListMember(
        "The pages and apps from which a publishable key works. Empty for a secret key.",
        example=["https://shop.example"],
    )
    metadata_keys = TextListMember(
        "The members of the metadata of products that a publishable key shows.", example=["material"]
    )
    address_limit = IntegerMember(
        "The number of requests per minute from one client address with a publishable key. Null for a secret key.",
        example=600,
        nullable=True,
    )
    rotation_due_at = InstantMember(
        "When the key should be rolled: 90 days after it was created. It works on.", example="2026-04-15T10:30:00Z"
    )
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


class OAuthClientDocument(Document):
    """An OAuth client: an application that can request tokens of the store. Its secret is returned only when it is
    created."""

    id = id_member("cli")
    name = TextMember("The name of the application, shown to users.", example="Order desk")
    type = EnumMember("Whether the client can keep a secret.", ClientType, example="confidential")
    redirect_uris = TextListMember(
        "Where users may be redirected to, compared character by character.", example=["https://desk.example/callback"]
    )
    scopes = TextListMember("The most that the client can be granted.", example=["orders:read"])
    expires_at = _when("When the client expires, with all its tokens. Null if it never expires.")
    revoked_at = _when("When the client was revoked. Null if it was not.")
    created_by = TextMember(
        "The id of the API key or grant that created this client, or of the key's successor if it was rolled; `system` "
        "for the command line. This client ends no later than that credential.",
        example=_KEY_ID,
    )
    created_at = CREATED_AT
    updated_at = UPDATED_AT
    secret = TextMember(
        "The secret of a confidential client, null for a public one. Returned only in the response that created it.",
        example="live_cs_…",
        nullable=True,
        only_new=True,
    )


class OAuthGrantDocument(Document):
    """An OAuth grant: the family of all tokens issued for one permission."""

    id = id_member("grant")
    client_id = TextMember("The id of the OAuth client.", example="cli_01jd3v4q8rf9k6w2m5n7t0xhz4")
    user_id = TextMember(
        "The id of the user who allowed it. Null if the client uses its own credentials.",
        example="usr_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    scopes = TextListMember("The scopes that were granted.", example=["orders:read"])
    last_used_at = _when("When an access token of the grant was last used, to the minute. Null if none was.")
    revoked_at = _when("When the grant ended. Null if it has not.")
    end_reason = EnumMember(
        "Why the grant ended. Null if it has not.", GrantEnd, example="refresh_replayed", nullable=True
    )
    created_at = InstantMember("When the grant was created.", example="2026-01-15T10:30:00Z")


class TrustedDocumentDocument(Document):
    """A registered GraphQL document. Requests can refer to it by hash or id instead of sending it."""

    id = id_member("doc")
    hash = TextMember("The SHA-256 of the text in UTF-8, in lower-case hexadecimal.", example=_HASH)
    text = TextMember("The document, exactly as registered.", example=_TEXT)
    name = TextMember("The name of the document. Null if it has none.", example="Storefront 1.4", nullable=True)
    public = BooleanMember("Whether publishable keys may run the document.", example=False)
    created_at = InstantMember("When the document was registered.", example="2026-01-15T10:30:00Z")


class RateLimitWindowDocument(Document):
    """A window of a rate limit."""

    limit = IntegerMember("The number of requests per window.", example=5_000)
    remaining = IntegerMember("The number of requests that are left in this window.", example=4_987)
    resets_at = InstantMember("When the next window begins.", example="2026-01-15T11:00:00Z")


class RateLimitDocument(Document):
    """The requests that are left, with this request counted. GraphQL operations count by their cost."""

    hour = DerivedMember("The present hour (UTC).", RateLimitWindowDocument, lambda usage, _: usage.hour)
    day = DerivedMember("The present day (UTC).", RateLimitWindowDocument, lambda usage, _: usage.day)


class ShopDocument(Document):
    """The store of the API key."""

    id = id_member("store")
    account_id = TextMember("The id of the account.", example="acct_01jd3v4q8rf9k6w2m5n7t0xhz4")
    name = TextMember("The name of the account.", example="Demo Shop")
    mode = EnumMember("Live store or sandbox.", Mode, example="live")
    plan = EnumMember("The plan of the account.", Plan, example="enterprise")
    currency = CurrencyMember("The currency of all prices and orders.", example="gbp")
    rate_limit = DerivedMember(
        "The rate limits of the store, or of the API key where they are narrower. Null if no limits apply.",
        RateLimitDocument,
        lambda *_: rate_limit_usage.get(),
        nullable=True,
    )


def _scopes(caller: Principal, _: Principal) -> list[str]:
    return sorted(caller.scopes)


class ViewerDocument(Document):
    """The API key or access token of the request."""

    credential = TextMember("The id of the API key, or of the grant of the access token.", example=_KEY_ID)
    scopes = ComputedMember("The scopes of the key or token.", _scopes, list[str], example=["products:read"])
    expires_at = _when("When the key or token expires. Null if it never expires.")


class AuditDocument(Document):
    """An entry of the audit log."""

    id = id_member("aud")
    action = TextMember("The action, such as `key.created`.", example="key.created")
    actor = TextMember(
        "The id of the API key, grant, client or user that made the change or read the export, or `system`.",
        example=_KEY_ID,
    )
    object_id = TextMember("The id of the object that was changed or exported.", example=_KEY_ID)
    details = JsonMember("Details of the entry, as an object.", example={"scopes": ["all"]})
    request_id = TextMember(
        "The id of the request. Null if there was none.",
        example="req_01jd3v4q8rf9k6",
        nullable=True,
    )
    created_at = InstantMember("When the change was made or the export read.", example="2026-01-15T10:30:00Z")
