"""Files to import, as text: encodings recognised, and everything else refused with the byte at which it is wrong."""

from __future__ import annotations

import codecs
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.jobs.execution import JobFailedError, JobRun
from domain.jobs.imports.files import ImportFiles

MAX_LINE_BYTES = 1_048_576
CONVERSION_CHUNK_BYTES = 1_048_576

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip (or a spreadsheet)",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}
"""What compressed files begin with. They are refused, so no small file can become a large one here."""
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


class SourceFileError(JobFailedError):
    """The file as a whole cannot be imported; the message says why, and where."""


@asynccontextmanager
async def uploaded_file(run: JobRun) -> AsyncGenerator[Path]:
    """The file that a job was started with, meanwhile. Raises SourceFileError if it is gone, Unavailable, OSError."""
    files: ImportFiles = run.database.dependency(ImportFiles)
    async with files.reading(run.principal.store.number, run.parameters["file_id"]) as path:
        if path is None:
            raise SourceFileError(
                "The file is no longer there, or this process does not see the directory it was uploaded to. Upload it "
                "again."
            )
        yield path


class SourceFile:
    """A file of lines in UTF-8. ``offset`` and ``line`` are those behind the last line that was read."""

    def __init__(self, path: Path) -> None:
        """Raises SourceFileError for a compressed file, or one in UTF-16 that is not valid."""
        self._path = _as_utf8(path)
        self.offset = self.line = 0

    def lines(self, offset: int = 0, line: int = 0) -> Generator[str]:
        """The lines from a byte on, which begins the line after ``line``. Raises SourceFileError."""
        with self._path.open("rb") as file:
            if offset == 0 and file.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8:
                offset = len(codecs.BOM_UTF8)
            file.seek(offset)
            self.offset, self.line = offset, line
            while raw := file.readline(MAX_LINE_BYTES + 1):
                if len(raw) > MAX_LINE_BYTES:
                    raise SourceFileError(f"Line {self.line + 1:,} has more than {MAX_LINE_BYTES:,} bytes.")
                text = self._decoded(raw)
                self.offset += len(raw)
                self.line += 1
                yield text

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise self._refusal("is not UTF-8", error.start) from None
        if "\0" in text:
            raise self._refusal("is not a text", raw.index(0))
        return text

    def _refusal(self, reason: str, start: int) -> SourceFileError:
        return SourceFileError(
            f"The file {reason}: byte {self.offset + start:,}, in line {self.line + 1:,}. Save it as UTF-8."
        )


def _as_utf8(path: Path) -> Path:
    """The file itself, or its copy in UTF-8 if it begins with the mark of UTF-16."""
    with path.open("rb") as file:
        head = file.read(8)
    for magic, name in _COMPRESSED.items():
        if head.startswith(magic):
            raise SourceFileError(f"The file is compressed: {name}. Send the text itself.")
    if head.startswith(_UTF_32):
        raise SourceFileError("The file is UTF-32. Save it as UTF-8.")
    encoding = next((name for mark, name in _UTF_16.items() if head.startswith(mark)), None)
    if encoding is None:
        return path
    copy = path.with_suffix(".utf8")
    if not copy.exists():
        _convert(path, copy, encoding)
    return copy


def _convert(path: Path, copy: Path, encoding: str) -> None:
    """Write the copy; it gets its name once it is whole."""
    part, position = copy.with_suffix(".part"), 2
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as source, part.open("wb") as target:
        source.seek(position)
        while chunk := source.read(CONVERSION_CHUNK_BYTES):
            try:
                target.write(decoder.decode(chunk, final=len(chunk) < CONVERSION_CHUNK_BYTES).encode())
            except UnicodeError as error:
                start = error.start if isinstance(error, UnicodeDecodeError) else 0
                part.unlink()
                raise SourceFileError(f"The file is not UTF-16: byte {position + start:,}. Save it as UTF-8.") from None
            position += len(chunk)
    part.replace(copy)
