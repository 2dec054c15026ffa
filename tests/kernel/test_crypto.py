"""Encryption at rest: keys rotate, a changed or moved ciphertext is refused, equal content is recognised."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.crypto import DecryptionError, Keyring

OLD, NEW = b"o" * 32, b"n" * 32


def ring(**keys: bytes) -> Keyring:
    return Keyring(keys)


@given(st.binary(max_size=500), st.text(max_size=20))
def test_what_is_encrypted_is_read_again_under_its_context(plain: bytes, context: str) -> None:
    stored = ring(k1=OLD).encrypt(plain, context)
    assert ring(k1=OLD).decrypt(stored, context) == plain


def test_the_same_content_never_looks_the_same_twice() -> None:
    keyring = ring(k1=OLD)
    assert keyring.encrypt(b"secret", "a") != keyring.encrypt(b"secret", "a")
    assert b"secret" not in keyring.encrypt(b"secret", "a")


def test_a_new_key_in_front_encrypts_and_the_old_one_still_reads() -> None:
    before = ring(old=OLD).encrypt(b"secret", "a")
    rotated = ring(new=NEW, old=OLD)
    assert rotated.decrypt(before, "a") == b"secret"
    assert ring(new=NEW).decrypt(rotated.encrypt(b"secret", "a"), "a") == b"secret"


def test_what_a_removed_key_encrypted_cannot_be_read() -> None:
    stored = ring(old=OLD).encrypt(b"secret", "a")
    with pytest.raises(DecryptionError, match="not configured"):
        ring(new=NEW).decrypt(stored, "a")


def test_another_key_of_the_same_id_cannot_read() -> None:
    stored = ring(k1=OLD).encrypt(b"secret", "a")
    with pytest.raises(DecryptionError):
        ring(k1=NEW).decrypt(stored, "a")


def test_a_ciphertext_moved_to_another_place_is_refused() -> None:
    stored = ring(k1=OLD).encrypt(b"secret", "endpoint/1")
    with pytest.raises(DecryptionError):
        ring(k1=OLD).decrypt(stored, "endpoint/2")


def test_every_changed_or_missing_byte_is_noticed() -> None:
    keyring = ring(k1=OLD)
    stored = keyring.encrypt(b"secret", "a")
    for index in range(len(stored)):
        changed = bytearray(stored)
        changed[index] ^= 1
        with pytest.raises(DecryptionError):
            keyring.decrypt(bytes(changed), "a")
        with pytest.raises(DecryptionError):
            keyring.decrypt(stored[:index], "a")


def test_equal_content_has_equal_fingerprints_under_the_same_key_only() -> None:
    assert ring(k1=OLD).fingerprints(b"a") == ring(k1=OLD).fingerprints(b"a")
    assert ring(k1=OLD).fingerprints(b"a") != ring(k1=OLD).fingerprints(b"b")
    assert ring(k1=OLD).fingerprints(b"a") != ring(k1=NEW).fingerprints(b"a")


def test_a_rotated_ring_knows_the_fingerprints_of_before() -> None:
    (before,) = ring(old=OLD).fingerprints(b"a")
    current, old = ring(new=NEW, old=OLD).fingerprints(b"a")
    assert old == before
    assert current != before


def test_keys_are_written_id_and_base64_separated_by_commas() -> None:
    old, new = (base64.b64encode(key).decode() for key in (OLD, NEW))
    stored = ring(old=OLD).encrypt(b"secret", "a")
    assert Keyring.parse(f"new:{new}, old:{old}").decrypt(stored, "a") == b"secret"
    assert Keyring.parse(f"new:{new},old:{old}").encrypt(b"", "a").startswith(b"new:")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        f"k-1:{base64.b64encode(OLD).decode()}",
        f":{base64.b64encode(OLD).decode()}",
        "k1:not base64",
        f"k1:{base64.b64encode(OLD[:31]).decode()}",
        f"k1:{base64.b64encode(OLD).decode()},",
        f"k1:{base64.b64encode(OLD).decode()},k1:{base64.b64encode(NEW).decode()}",
    ],
)
def test_a_ring_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="encryption key"):
        Keyring.parse(text)


def test_a_ring_has_at_least_one_key() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Keyring({})
