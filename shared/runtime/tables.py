"""Tables that people send, CSV or XLSX, told apart by content: understood once, then read from disk row by row.

Nothing here grows with the file: the whole of it is looked through first (its encoding, its width, its number of rows),
so that a reader who stores while reading never meets a broken file half-way.
"""

from __future__ import annotations

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from shared.runtime.columns import (
    WHOLE_FILE,
    Column,
    Headings,
    ImportReport,
    Rejected,
    Row,
    Table,
    TableError,
    broken_file,
    normal_heading,
)
from shared.runtime.encodings import (
    AS_IT_IS,
    OLD_FONTS,
    WORDS_MAX,
    EncodingUncertainError,
    Reading,
    reading_of_bytes,
    reading_of_letters,
    words_beyond_ascii,
)
from shared.runtime.workbooks import WorkbookError, is_workbook, unpack_workbook

__all__ = [
    "BYTES_MAX", "CELL_CHARACTERS_MAX", "ROWS_MAX", "WHOLE_FILE", "Column", "Entry", "ImportReport", "Rejected", "Row",
    "Table", "TableError", "TableFile", "broken_file", "normal_heading", "open_table", "read_table", "read_table_file", "text_records",
]  # fmt: skip

BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 150_000
HEADER_ROWS_MAX = 10
"""The heading is looked for in this many first rows: sheets often begin with a title."""
CELL_CHARACTERS_MAX = 10_000

_DELIMITERS = (",", ";", "\t")
_SNIFFED_CHARACTERS = 64 * 1024
_CHUNK_BYTES = 1024 * 1024
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Entry = Row | Rejected
"""What stands at one place of a file: a row, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file as it was understood; its rows are read from disk each time that they are asked for."""

    columns: frozenset[str]
    """The known columns that the file has: what is absent says nothing, what is empty says "none"."""
    row_count: int
    """Filled rows below the headings."""
    _source: _Source
    _header_number: int
    _header: Sequence[str]
    _places: Sequence[tuple[int, str]]
    _readings: dict[str, Reading]
    """How the letters of a column are to be read, where not as they are."""

    def __iter__(self) -> Iterator[Entry]:
        for number, record in self._source.below(self._header_number):
            if self._repeats_headings(record):
                continue
            if not self._source.is_ragged and len(record) > len(self._header):
                # Laid under the headings its cells would shift: 12,5 without quotes would end as 12 đồng.
                yield Rejected(number, WHOLE_FILE, "more cells than headings; quote texts that hold the separator")
                continue
            cells = {name: record[index] if index < len(record) else "" for index, name in self._places}
            if any(len(cell) > CELL_CHARACTERS_MAX for cell in cells.values()):
                yield Rejected(number, WHOLE_FILE, f"a cell has more than {CELL_CHARACTERS_MAX} characters")
                continue
            for name, reading in self._readings.items():
                if not cells[name].isascii():
                    cells[name] = reading.convert(cells[name])
            yield Row(number, cells)

    def chunks(self, size: int) -> Iterator[list[Entry]]:
        """The entries, some at a time."""
        entries = iter(self)
        while chunk := list(islice(entries, size)):
            yield chunk

    def _repeats_headings(self, record: Sequence[str]) -> bool:
        """Whether the row is the headings again, as on each printed page or below merged ones."""
        under = [(record[index], self._header[index]) for index, _ in self._places if index < len(record) and record[index]]
        return len(under) > 1 and all(normal_heading(cell) == normal_heading(heading) for cell, heading in under)


@contextmanager
def open_table(file: Path, columns: Sequence[Column]) -> Iterator[TableFile]:
    """Look a file through and open it. Raises TableError where the file as a whole cannot be taken."""
    if file.stat().st_size > BYTES_MAX:
        raise broken_file(f"the file is larger than {BYTES_MAX // 2**20} MiB; send it in parts")
    headings = Headings(columns)
    with tempfile.TemporaryDirectory(prefix="khop-table-") as folder:
        source = _open_source(file, Path(folder), headings)
        yield _understand(source, headings)


def read_table(content: bytes, columns: Sequence[Column]) -> Table:
    """A small file's bytes, read whole. Empty rows are skipped; raises TableError as `open_table` does."""
    with tempfile.NamedTemporaryFile(prefix="khop-table-") as file:
        file.write(content)
        file.flush()
        return read_table_file(Path(file.name), columns)


def read_table_file(file: Path, columns: Sequence[Column]) -> Table:
    """A small file, read whole, as `read_table`."""
    with open_table(file, columns) as table:
        entries = list(table)
    rejected = [entry for entry in entries if isinstance(entry, Rejected)]
    return Table(table.columns, [entry for entry in entries if isinstance(entry, Row)], rejected)


def text_records(file: Path) -> Iterator[tuple[int, list[str]]]:
    """All rows of a text file with their numbers, whatever their headings; raises TableError."""
    with file.open("rb") as stream:
        encoding, reading = _encoding(file, stream.read(8))
    with file.open(encoding=encoding, newline="") as text:
        start = text.read(_SNIFFED_CHARACTERS)
    delimiter = max(_DELIMITERS, key=start.count)
    for number, record in _Source(file, encoding, delimiter, is_ragged=True, reading=reading).records():
        yield number, record if reading is None else [reading.convert(cell) for cell in record]


@dataclass(frozen=True, slots=True)
class _Source:
    """A CSV file on disk: the sender's own, or a sheet of the sender's workbook."""

    path: Path
    encoding: str
    delimiter: str
    is_ragged: bool
    """Whether rows may be longer than the headings, as a workbook's are."""
    reading: Reading | None
    """How its letters are to be read, where its bytes have already told."""

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """All rows with their numbers; raises TableError."""
        number = 0
        try:
            with self.path.open(encoding=self.encoding, newline="") as text:
                for number, record in enumerate(csv.reader(text, delimiter=self.delimiter, strict=True), start=1):
                    yield number, record
        except csv.Error as error:
            raise broken_file("the quotation marks of this row do not pair up", number + 1) from error

    def below(self, header_number: int) -> Iterator[tuple[int, list[str]]]:
        """The filled rows below the headings."""
        for number, record in islice(self.records(), header_number, None):
            if any(cell and not cell.isspace() for cell in record):
                yield number, record


def _open_source(file: Path, folder: Path, headings: Headings) -> _Source:
    with file.open("rb") as stream:
        start = stream.read(8)
    if is_workbook(start):
        try:
            (sheet,) = unpack_workbook(file, folder, rows_max=ROWS_MAX + HEADER_ROWS_MAX)
        except WorkbookError as error:
            raise broken_file(str(error)) from error
        return _Source(sheet.path, "utf-8", ",", is_ragged=True, reading=None)
    encoding, reading = _encoding(file, start)
    with file.open(encoding=encoding, newline="") as text:
        delimiter = _delimiter(text.read(_SNIFFED_CHARACTERS), headings, reading or AS_IT_IS)
    return _Source(file, encoding, delimiter, is_ragged=False, reading=reading)


def _encoding(file: Path, start: bytes) -> tuple[str, Reading | None]:
    """The codec of a text file and, where it is one from before Unicode, how its letters are to be read."""
    if start.startswith(_UTF_16_MARKS):  # Excel's “Unicode Text”
        return _checked(file, "utf-16")
    try:
        return _checked(file, "utf-8-sig")
    except UnicodeDecodeError:
        words: set[str] = set()
        with file.open(encoding="latin-1", newline="") as text:
            while (chunk := text.read(_CHUNK_BYTES)) and len(words) < WORDS_MAX:
                words_beyond_ascii([chunk], words)
        try:
            return "latin-1", reading_of_bytes(words)
        except EncodingUncertainError as error:
            seems = f" (it looks like {error.likely.name}, but not certainly)" if error.likely else ""
            raise broken_file(f"the text is not in UTF-8{seems}; save the file as .xlsx or as “CSV UTF-8”") from error


def _checked(file: Path, encoding: str) -> tuple[str, None]:
    """The encoding, if the whole file is in it and is text. Raises UnicodeDecodeError, TableError."""
    is_empty = True
    try:
        with file.open(encoding=encoding, newline="") as text:
            while chunk := text.read(_CHUNK_BYTES):
                if "\0" in chunk:
                    raise broken_file("the file is neither XLSX nor CSV: it holds zero bytes")
                is_empty = is_empty and not chunk.strip()
    except UnicodeError as error:
        if isinstance(error, UnicodeDecodeError) and encoding != "utf-16":
            raise
        raise broken_file("the file is neither XLSX nor text in UTF-8; save it as .xlsx or as “CSV UTF-8”") from error
    if is_empty:
        raise broken_file("the file is empty")
    return encoding, None


def _delimiter(start: str, headings: Headings, reading: Reading) -> str:
    """The separator under which the most headings are recognised."""

    def recognised(delimiter: str) -> int:
        try:
            records = list(islice(csv.reader(io.StringIO(start, newline=""), delimiter=delimiter), HEADER_ROWS_MAX))
        except csv.Error:
            return 0
        readings = (reading,) if reading is not AS_IT_IS else (AS_IT_IS, *OLD_FONTS)
        return max((_known(record, headings, each) for record in records for each in readings), default=0)

    return max(_DELIMITERS, key=recognised)


def _known(record: Iterable[str], headings: Headings, reading: Reading) -> int:
    return headings.count_known(reading.convert(cell) for cell in record)


def _understand(source: _Source, headings: Headings) -> TableFile:
    number, header = _header(source, headings)
    places = headings.places(number, header)
    row_count = 0
    words: dict[str, set[str]] = {name: set() for _, name in places}
    for at, record in source.below(number):
        row_count += 1
        if row_count > ROWS_MAX:
            raise broken_file(f"the file has more than {ROWS_MAX} rows; send it in parts", at)
        for index, name in places:
            if index < len(record) and not record[index].isascii():
                words_beyond_ascii((record[index],), words[name])
    readings = dict.fromkeys(words, source.reading) if source.reading else _readings(number, words)
    return TableFile(
        columns=frozenset(name for _, name in places),
        row_count=row_count,
        _source=source,
        _header_number=number,
        _header=header,
        _places=places,
        _readings={name: reading for name, reading in readings.items() if reading is not AS_IT_IS},
    )


def _header(source: _Source, headings: Headings) -> tuple[int, list[str]]:
    """The number and the cells of the row that is most like headings, in the reading in which they are."""
    readings = (source.reading,) if source.reading else (AS_IT_IS, *OLD_FONTS)
    best, found = -1, None
    for number, record in islice(source.records(), HEADER_ROWS_MAX):
        for reading in readings:
            known = _known(record, headings, reading)
            if known > best:
                best, found = known, (number, [reading.convert(cell) for cell in record])
    if found is None:
        raise broken_file("the file is empty")
    return found


def _readings(header_number: int, words: Mapping[str, set[str]]) -> dict[str, Reading]:
    """How each column's letters are to be read; a column too short to tell follows one that is certain."""
    readings: dict[str, Reading] = {}
    uncertain: dict[str, EncodingUncertainError] = {}
    for column, found in words.items():
        try:
            readings[column] = reading_of_letters(found)
        except EncodingUncertainError as error:
            uncertain[column] = error
    certain = set(readings.values())
    for column, doubt in uncertain.items():
        if doubt.likely is None or doubt.is_mixed or doubt.likely not in certain:
            named = "" if doubt.likely is None else f" ({doubt.likely.name})"
            problem = f"text of this column seems to be in an old font's encoding{named}; convert it to Unicode"
            raise TableError([Rejected(header_number, column, problem)]) from doubt
        readings[column] = doubt.likely
    return readings
