"""What REST writes of jobs."""

from __future__ import annotations

from domain.jobs.model import JobKind, JobStatus
from domain.kernel.documents import (
    BooleanMember,
    Document,
    EnumMember,
    InstantMember,
    IntegerMember,
    JsonMember,
    ObjectMember,
    TextMember,
)
from domain.kernel.documents.shared_members import CREATED_AT, UPDATED_AT, VERSION, id_member


class JobProgressDocument(Document):
    """The progress of a job."""

    done = IntegerMember("The amount done and committed, in `unit`.", example=1500)
    total = IntegerMember("The total amount, in `unit`. Null if not known.", example=10000, nullable=True)
    unit = TextMember("The unit: `bytes`, `rows`, `objects`, `events` or `lines`.", example="bytes")


class JobDocument(Document):
    """A job: work in the background. Jobs of a store run one after the other, in the order of their creation."""

    id = id_member("job")
    kind = EnumMember("The type of the job.", JobKind, example="import_products")
    status = EnumMember("The status of the job.", JobStatus, example="running")
    progress = ObjectMember("The progress of the job.", JobProgressDocument, column="id")
    counts = JsonMember(
        "How many rows had which outcome so far, by outcome; of exports, how many objects by connection, or events by "
        "type.",
        example={"created": 1490, "refused": 10},
        values=int,
    )
    file_id = TextMember(
        "The id of the uploaded file that the job reads. Null if it reads none.",
        example="upl_01jd3v4q8rf9k6w2m5n7t0xhz4",
        nullable=True,
    )
    dry_run = BooleanMember("Whether the job writes nothing but its report.", example=False)
    result_url = TextMember(
        "The path of the result, to be downloaded with an API key: JSON Lines. Null if there is none, or no longer.",
        example="/v2/jobs/job_01jd3v4q8rf9k6w2m5n7t0xhz4/result",
        nullable=True,
    )
    result_bytes = IntegerMember("The length of the result, in bytes. Null without one.", example=52480, nullable=True)
    error = TextMember("Why the job failed. Null if it did not.", example="The file is not UTF-8.", nullable=True)
    created_by = TextMember(
        "The id of the API key or grant that started the job, or `system`.", example="key_01jd3v4q8rf9k6w2m5n7t0xhz4"
    )
    cancel_requested_at = InstantMember(
        "When its cancellation was requested. Null if it was not.", example="2026-01-15T10:30:00Z", nullable=True
    )
    started_at = InstantMember(
        "When the job was started. Null while it waits.", example="2026-01-15T10:30:00Z", nullable=True
    )
    finished_at = InstantMember(
        "When the job succeeded, failed or was cancelled. Null until then.",
        example="2026-01-15T10:31:00Z",
        nullable=True,
    )
    version = VERSION
    created_at = CREATED_AT
    updated_at = UPDATED_AT
