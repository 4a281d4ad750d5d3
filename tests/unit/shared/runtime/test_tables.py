"""Tables: whatever a spreadsheet writes is read back, and what is wrong is told with its place."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.columns import normal_heading
from shared.runtime.tables import BYTES_MAX, Column, Rejected, Row, Table, TableError, open_table, read_table
from shared.runtime.workbooks import FORMULA_ERROR, cell_text
from tests.unit.shared.runtime import old_text

COLUMNS = (
    Column("notice_id", ("mã khoản thu",), required=True),
    Column("payer_name", ("họ và tên",), required=True),
    Column("amount", ("số tiền",)),
    Column("reference", ("mã thanh toán",)),
)
CELL = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\r", exclude_categories=("Cs",)), min_size=1, max_size=20
).filter(str.strip)


def as_csv(rows: list[list[str]], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def problems(content: bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(TableError) as caught:
        read_table(content, COLUMNS)
    return [(each.row, each.column, each.problem) for each in caught.value.rejected]


def cells(table: Table) -> list[list[str]]:
    return [list(row.cells.values()) for row in table.rows]


@given(
    rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8),
    delimiter=st.sampled_from(",;\t"),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_what_a_csv_writer_wrote_is_read_back_with_its_row_numbers(rows, delimiter, mark):
    table = read_table(mark + as_csv([["Mã khoản thu", "HỌ VÀ TÊN"], *map(list, rows)], delimiter), COLUMNS)
    assert cells(table) == [list(row) for row in rows]
    assert [row.number for row in table.rows] == list(range(2, len(rows) + 2))
    assert table.columns == {"notice_id", "payer_name"}


def test_a_workbook_reads_like_the_text_that_a_person_would_type():
    table = read_table(
        as_xlsx([
            ["DANH SÁCH THU"], [],
            ["STT", "Mã khoản  thu", "Họ và tên", "Số tiền"],
            [1, "a1", "Nguyễn Văn An", 150000], [], [2, 17, "Lò Thị Bé", 150.125],
            [3, datetime.fromisoformat("2026-11-05"), date(2026, 1, 2), True],
        ]),
        COLUMNS,
    )  # fmt: skip
    assert cells(table) == [
        ["a1", "Nguyễn Văn An", "150000"], ["17", "Lò Thị Bé", "150.1250"], ["2026-11-05", "2026-01-02", "TRUE"],
    ]  # fmt: skip
    assert [row.number for row in table.rows] == [4, 6, 7]


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_numbers_of_a_workbook_lose_nothing(number):
    assert cell_text(float(number)) == str(number)


def test_a_number_that_excel_rounded_does_not_look_like_a_code():
    assert cell_text(1.2345678901234567e18) == "1.23457E+18"


@pytest.mark.parametrize("heading", ["Mã khoản thu", "MA_KHOAN_THU", " mã  khoản\u00a0thu: ", "ma-khoan-thu*"])
def test_spellings_of_a_heading_are_one(heading):
    assert normal_heading(heading) == "ma khoan thu"


def test_missing_repeated_and_nearly_right_headings_are_named():
    assert problems(b"notice_id,amount\n1,2\n") == [(1, "payer_name", "the column is missing")]
    assert problems(b"notice_id,notice_id,payer_name\n1,2,3\n") == [(1, "notice_id", "the column stands twice")]
    assert problems(b"notice_id,payer_name,refrence\n1,2,3\n")[0][:2] == (1, "reference")


def test_columns_that_nobody_asked_for_are_left_alone():
    assert cells(read_table(b"STT,notice_id,payer_name,ghi chu\n1,a,b,c\n", COLUMNS)) == [["a", "b"]]


def test_a_row_with_a_separator_too_many_is_rejected_and_never_shifted():
    table = read_table(b"notice_id,payer_name,amount,reference\nx,An,12,5,\ny,Be,150000,\n", COLUMNS)
    assert [each.row for each in table.rejected] == [2]
    assert cells(table) == [["y", "Be", "150000", ""]]


@pytest.mark.parametrize(
    "content",
    [
        b"", b"  \n", b"\xff\xfe\x00n", b"\xff\xfe\x00", b"a\0b,c\n", b"PK\x03\x04broken",
        bytes.fromhex("d0cf11e0a1b11ae1") + b"old", b"1,2,3\n4,5,6\n", b'notice_id,payer_name\na,"An\n', as_xlsx([]),
        "mã,tên\n".encode("utf-16"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_one_clear_problem(content):
    assert len(problems(content)) == 1


def test_a_stray_cell_far_out_is_refused_before_it_fills_the_memory():
    for place in ("XFD1", "A1048576"):
        book = openpyxl.Workbook()
        book.active["A1"], book.active["B1"], book.active[place] = "notice_id", "payer_name", "x"
        file = io.BytesIO()
        book.save(file)
        assert "filled cell" in problems(file.getvalue())[0][2]


def a_workbook(change) -> bytes:
    book = openpyxl.Workbook()
    change(book.active)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rezipped(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts replaced or added."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in set(before.namelist()) - parts.keys():
            after.writestr(name, before.read(name))
        for name, data in parts.items():
            after.writestr(name, data)
    return file.getvalue()


def test_a_formula_that_ended_in_an_error_is_no_empty_cell():
    def change(sheet):
        sheet["B3"], sheet["C3"] = "notice_id", "payer_name"
        sheet["B4"], sheet["C4"] = "a", "#REF!"
        sheet["C4"].data_type = "e"

    assert cells(read_table(a_workbook(change), COLUMNS)) == [["a", FORMULA_ERROR]]


def test_what_is_merged_over_rows_is_meant_for_each_but_a_number_is_not():
    def change(sheet):
        for row in (["payer_name", "notice_id", "amount"], ["An", "a", 5], [None, "b", None], ["Bé", "c", 7]):
            sheet.append(row)
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("C2:C3")

    table = read_table(a_workbook(change), COLUMNS)
    assert [(row.cells["payer_name"], row.cells["amount"]) for row in table.rows] == [("An", "5"), ("An", ""), ("Bé", "7")]


def test_headings_that_stand_again_are_no_row():
    table = read_table("Mã khoản thu,Họ và tên\na,An\nMÃ KHOẢN THU,Họ  và tên\nb,Bé\n".encode(), COLUMNS)
    assert cells(table) == [["a", "An"], ["b", "Bé"]]


def test_macros_and_bombs_are_refused():
    plain = as_xlsx([["notice_id", "payer_name"], ["a", "An"]])
    assert "macros" in problems(rezipped(plain, **{"xl/vbaProject.bin": b"x"}))[0][2]
    assert "too large" in problems(rezipped(plain, **{"xl/media/a.bin": bytes(513 * 2**20)}))[0][2]
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    row = b'<row r="%d">' + b'<c r="A1" t="inlineStr"><is><t>xxxxxxxxxxxxxxxx</t></is></c>' * 100 + b"</row>"
    many = b"".join(row.replace(b"%d", b"%d" % number) for number in range(1, 20_000))
    assert problems(rezipped(plain, **{"xl/worksheets/sheet1.xml": sheet + many + b"</sheetData></worksheet>"}))


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path):
    file = tmp_path / "big.csv"
    with file.open("wb") as stream:
        stream.truncate(BYTES_MAX + 1)
    with pytest.raises(TableError, match="larger than 64 MiB"), open_table(file, COLUMNS):
        pass


def test_a_file_on_disk_is_read_again_and_again_in_chunks(tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("notice_id,payer_name\n\na,An\nb,Bé,x\nc,Cò\n", encoding="utf-8")
    with open_table(file, COLUMNS) as table:
        assert table.row_count == 3
        for _ in range(2):
            first, second = table.chunks(2)
            assert [type(entry) for entry in (*first, *second)] == [Row, Rejected, Row]
            assert [each.number if isinstance(each, Row) else each.row for each in (*first, *second)] == [3, 4, 5]


NAMES = ["Nguyễn Văn Đức", "Trần Thị Bưởi", "Hoàng Thị Mỵ", "Lường Văn Quỳnh", "Ngô Thị Thuý"]


@pytest.mark.parametrize("encode", [old_text.tcvn3, old_text.vni, old_text.cp1258], ids=["tcvn3", "vni", "cp1258"])
def test_lists_from_before_unicode_are_converted(encode):
    text = "Mã khoản thu;Họ và tên\n" + "".join(f"a{number};{name}\n" for number, name in enumerate(NAMES))
    assert [row[1] for row in cells(read_table(encode(text), COLUMNS))] == NAMES


@pytest.mark.parametrize("encode", [old_text.tcvn3, old_text.vni])
def test_an_old_font_in_a_workbook_is_read_column_by_column(encode):
    rows = [["Mã khoản thu", "Họ và tên", "Mã thanh toán", "Số tiền"]]
    rows += [["a", encode(name).decode("latin-1"), "đúng rồi thế", encode("tiền ăn").decode("latin-1")] for name in NAMES]
    table = read_table(as_xlsx(rows), COLUMNS)
    # Two words alone would not tell; beside a column that is certain they do.
    assert {row.cells["amount"] for row in table.rows} == {"tiền ăn"}
    assert [row.cells["payer_name"] for row in table.rows] == NAMES
    assert {row.cells["reference"] for row in table.rows} == {"đúng rồi thế"}


def test_what_is_not_certain_is_said_and_not_guessed():
    mixed = [["notice_id", "payer_name"], *(["a", name] for name in NAMES)]
    mixed += [["b", old_text.tcvn3(name).decode("latin-1")] for name in NAMES]
    assert [(each[0], each[1]) for each in problems(as_xlsx(mixed))] == [(1, "payer_name")]
    assert "TCVN3" in problems(as_xlsx(mixed))[0][2]
    few = [["notice_id", "payer_name"], ["a", old_text.tcvn3("Nguyễn Văn Đức").decode("latin-1")]]
    assert problems(as_xlsx(few))[0][:2] == (1, "payer_name")
    assert "not in UTF-8" in problems(b"notice_id,payer_name\na,Jos\xe9 Mu\xf1oz\n")[0][2]


def test_unicode_text_of_a_spreadsheet_is_utf_16_with_tabs():
    content = "notice_id\tpayer_name\na\tNguyễn\n".encode("utf-16")
    assert cells(read_table(content, COLUMNS)) == [["a", "Nguyễn"]]


@given(st.binary(max_size=200))
def test_any_bytes_are_a_table_or_a_problem(content):
    for start in (b"", b"PK\x03\x04", b"notice_id,payer_name\n"):
        try:
            told = read_table(start + content, COLUMNS).columns
        except TableError as error:
            told = error.rejected
        assert told
