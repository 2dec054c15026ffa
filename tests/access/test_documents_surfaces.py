"""Trusted documents over GraphQL and REST."""

from __future__ import annotations

from domain import access
from domain.access.commands import MAX_DOCUMENT_LENGTH
from tests.conftest import Ask, Client, Graph, MakeKey, Shop

TEXT = "\nquery Shop { shop { name } }\n"
HASH = access.hash_of_document(TEXT)
REGISTER = """
mutation ($input: RegisterTrustedDocumentInput!) {
  registerTrustedDocument(input: $input) { document { id hash text name createdAt } userErrors { code field message } }
}
"""
REMOVE = """
mutation ($input: RemoveTrustedDocumentInput!) {
  removeTrustedDocument(input: $input) { deletedId userErrors { code field } }
}
"""


async def test_a_document_is_registered_found_listed_and_removed_over_graphql(graph: Graph) -> None:
    made = (await graph(REGISTER, input={"text": TEXT, "name": " Storefront 1.4 "}))["registerTrustedDocument"]
    document = made["document"]
    assert (made["userErrors"], document["hash"], document["text"]) == ([], HASH, TEXT)
    assert document["name"] == "Storefront 1.4"
    again = (await graph(REGISTER, input={"text": TEXT}))["registerTrustedDocument"]
    assert again == made
    fields = "{ id hash text name createdAt }"
    for by in (f'id: "{document["id"]}"', f'hash: "{HASH}"'):
        assert await graph(f"{{ trustedDocument({by}) {fields} }}") == {"trustedDocument": document}
    listed = await graph(f"{{ trustedDocuments(first: 5) {{ totalCount nodes {fields} }} }}")
    assert listed["trustedDocuments"] == {"totalCount": 1, "nodes": [document]}
    node = await graph(f'{{ node(id: "{document["id"]}") {{ __typename id }} }}')
    assert node["node"] == {"__typename": "TrustedDocument", "id": document["id"]}
    removed = await graph(REMOVE, input={"id": document["id"]})
    assert removed["removeTrustedDocument"] == {"deletedId": document["id"], "userErrors": []}
    gone = (await graph(REMOVE, input={"id": document["id"]}))["removeTrustedDocument"]
    assert gone == {"deletedId": None, "userErrors": [{"code": "NOT_FOUND", "field": ["id"]}]}
    assert (await graph("{ trustedDocuments { totalCount } }"))["trustedDocuments"] == {"totalCount": 0}


async def test_what_names_nothing_finds_nothing(graph: Graph, ask: Ask) -> None:
    for by in ('id: "doc_x"', f'id: "doc_{"0" * 26}"', 'hash: ""', 'hash: "x"', f'hash: "{HASH}"'):
        assert await graph(f"{{ trustedDocument({by}) {{ id }} }}") == {"trustedDocument": None}
    for by in ("", f'(id: "doc_x", hash: "{HASH}")'):
        answer = (await ask(f"{{ trustedDocument{by} {{ id }} }}")).json()
        assert answer["errors"][0]["message"] == "id: Give exactly one of id and hash."


async def test_a_document_that_cannot_run_is_a_user_error(graph: Graph) -> None:
    made = (await graph(REGISTER, input={"text": "{ shop { nothing } viewer { nobody } }"}))["registerTrustedDocument"]
    assert made["document"] is None
    assert [(each["code"], each["field"]) for each in made["userErrors"]] == [("INVALID", ["text"])] * 2
    long = (await graph(REGISTER, input={"text": TEXT + " " * MAX_DOCUMENT_LENGTH}))["registerTrustedDocument"]
    assert [(each["code"], each["field"]) for each in long["userErrors"]] == [("TOO_LONG", ["text"])]
    assert (await graph("{ trustedDocuments { totalCount } }"))["trustedDocuments"] == {"totalCount": 0}


async def test_a_document_is_registered_found_listed_and_removed_over_rest(rest: Client) -> None:
    made = await rest("POST", "/v2/documents", json={"text": TEXT, "name": "Storefront 1.4"})
    document = made.json()
    assert (made.status_code, made.headers["Location"]) == (201, f"/v2/documents/{document['id']}")
    assert (document["hash"], document["text"], document["name"]) == (HASH, TEXT, "Storefront 1.4")
    assert set(document) == {"id", "hash", "text", "name", "public", "created_at"}
    again = await rest("POST", "/v2/documents", json={"text": TEXT})
    assert (again.status_code, again.json()) == (201, document)
    for name in (document["id"], HASH):
        assert (await rest("GET", f"/v2/documents/{name}")).json() == document
    assert (await rest("GET", "/v2/documents")).json()["data"] == [document]
    actions = [entry["action"] for entry in (await rest("GET", "/v2/access/audit")).json()["data"]]
    assert actions.count("document.registered") == 1
    assert (await rest("DELETE", f"/v2/documents/{HASH}")).status_code == 404  # writes take the id
    assert (await rest("DELETE", f"/v2/documents/{document['id']}")).status_code == 204
    assert (await rest("DELETE", f"/v2/documents/{document['id']}")).status_code == 404
    assert (await rest("GET", f"/v2/documents/{HASH}")).status_code == 404
    assert (await rest("GET", "/v2/access/audit")).json()["data"][0]["action"] == "document.removed"


async def test_a_document_that_cannot_run_is_422(rest: Client) -> None:
    for text, code in (("{ shop { nothing } }", "INVALID"), ("", "TOO_SHORT"), (" ", "INVALID"), ("\x00", "INVALID")):
        answer = await rest("POST", "/v2/documents", json={"text": text})
        (problem,) = answer.json()["error"]["details"]
        assert (answer.status_code, problem["field"], problem["code"]) == (422, "text", code)
    assert (await rest("GET", "/v2/documents")).json()["pagination"]["total_items"] == 0


async def test_who_may_write_keys_only_is_shown_what_was_registered(ask: Ask, shop: Shop, make_key: MakeKey) -> None:
    key = await make_key(shop.live, "access:write")
    register = (
        "mutation ($input: RegisterTrustedDocumentInput!) {"
        " registerTrustedDocument(input: $input) { document { id hash text } } }"
    )
    for _ in ("new", "known"):
        made = (await ask(register, {"input": {"text": TEXT}}, key=key)).json()["data"]["registerTrustedDocument"]
        assert (made["document"]["hash"], made["document"]["text"]) == (HASH, TEXT)
    hidden = (await ask(REGISTER, {"input": {"text": TEXT}}, key=key)).json()  # it may be another's, with their name
    assert hidden["errors"][0]["extensions"]["missingScope"] == "access:read"
    refused = (await ask("{ trustedDocuments { nodes { id } } }", key=key)).json()
    assert refused["errors"][0]["extensions"]["missingScope"] == "access:read"
