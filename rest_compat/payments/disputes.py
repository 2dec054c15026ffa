"""Endpoints of disputes."""

from __future__ import annotations

from domain import payments
from domain.kernel.use_cases.registry import use_case_of
from domain.payments.commands import MAX_FILES, MAX_FILES_BYTES, DisputeFilter
from domain.payments.documents import DisputeDocument
from rest_compat.actions import ItemAction, PageAction, WriteAction
from rest_compat.endpoint import Endpoint, tagged
from rest_compat.payments.objects import DISPUTE, DISPUTE_FILE, DISPUTE_FILES
from rest_compat.uploads import UploadAction

reads = payments.reads

_DISPUTE = DISPUTE.id_in_path()
_OF_DISPUTE = DISPUTE.id_in_path("dispute_id")
_FILE = DISPUTE_FILE.id_in_path()

DISPUTES = tagged(
    "Payments",
    Endpoint(
        method="GET",
        path="/payments/disputes",
        name="listDisputes",
        summary="List disputes",
        description="A page of disputes, newest first by default.",
        action=PageAction(
            listing=reads.disputes, document=DisputeDocument, filters=DisputeFilter, check_filters=reads.check_filters
        ),
    ),
    Endpoint(
        method="GET",
        path="/payments/disputes/{id}",
        name="getDispute",
        summary="Get a dispute",
        action=ItemAction(source=DISPUTE),
        ids={"id": _DISPUTE},
    ),
    Endpoint(
        method="POST",
        path="/payments/disputes/{id}/respond",
        name="respondToDispute",
        summary="Respond to a dispute",
        description="Saves evidence as a draft, or submits it with `submit`, once and until `respond_by`. Submitting "
        "requires all three texts. If the processor refuses them, "
        "`last_error` says why. The evidence is stored encrypted and not returned.",
        creates_resource=False,
        action=WriteAction(
            use_case=use_case_of(payments.respond_to_dispute),
            writes=frozenset({"status", "last_error", "submitted_at"}),
            returns=DISPUTE,
            current=DISPUTE,
        ),
        ids={"id": _DISPUTE},
    ),
    Endpoint(
        method="GET",
        path="/payments/disputes/{id}/files",
        name="listDisputeFiles",
        summary="List the files of a dispute",
        description="All files of evidence, oldest first.",
        action=ItemAction(source=DISPUTE_FILES),
        ids={"id": _DISPUTE},
    ),
    Endpoint(
        method="POST",
        path="/payments/disputes/{id}/files",
        name="addDisputeFile",
        summary="Add a file of evidence",
        description="The body is the file itself and `Content-Type` its media type. A dispute has at most "
        f"{MAX_FILES} files of together {MAX_FILES_BYTES // 1_048_576} MiB, and takes them until its response is "
        "submitted or due. They are stored encrypted.",
        action=UploadAction(use_case=use_case_of(payments.add_dispute_file), returns=DISPUTE_FILE, current=DISPUTE),
        ids={"id": _OF_DISPUTE},
    ),
    Endpoint(
        method="GET",
        path="/payments/disputes/{id}/files/{file_id}",
        name="getDisputeFile",
        summary="Get a file of evidence",
        description="What is known of the file. Its content is not returned.",
        action=ItemAction(source=DISPUTE_FILE),
        ids={"id": _DISPUTE, "file_id": _FILE},
    ),
    Endpoint(
        method="DELETE",
        path="/payments/disputes/{id}/files/{file_id}",
        name="removeDisputeFile",
        summary="Remove a file of evidence",
        description="Possible until the response is submitted or due.",
        action=WriteAction(use_case=use_case_of(payments.remove_dispute_file), current=DISPUTE_FILE),
        ids={"id": _OF_DISPUTE, "file_id": _FILE},
    ),
)
