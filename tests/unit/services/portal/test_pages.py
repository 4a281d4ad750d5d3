from __future__ import annotations

import gzip
import re
import uuid
from datetime import date

import cramjam
from starlette.requests import Request

from services.portal import words
from services.portal.overview.queries import NoticeSeen, Page
from services.portal.overview.views import rows_of
from services.portal.people.access import BY_COMMAND
from services.portal.web import assets
from services.portal.web.rendering import page
from shared.privacy import PersonName
from tests.unit.services.portal.builders import a_credit

FIGURES = {
    "received_dong": 1, "received_count": 1, "allocated_dong": 1, "matched_count": 1, "review_dong": 0, "review_count": 0,
}  # fmt: skip


def request(**headers: str) -> Request:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": named})


def payments(asked: Request, notices: dict[str, NoticeSeen], rows: int = 1):
    made = [a_credit(f"{uuid.UUID(int=index * 7919**9)}", pays={f"n{index}": 150_000}) for index in range(rows)]
    return page(
        asked, "overview/payments.html", BY_COMMAND, script="live", title="Trường <An>", revision=1,
        events="/sites/x/events", sample=True, site=FIGURES, others=0, since=date(2026, 11, 5),
        rows=rows_of(Page(made, notices, {}, more=False)), empty="", filters=[("Tất cả", "/sites/x/payments", True, None)],
        older=None, newest=None,
    )  # fmt: skip


def notice(name: str, purpose: str = "Tiền ăn") -> NoticeSeen:
    return NoticeSeen(PersonName(name), "3A", purpose, "tháng 11", 150_000)


def test_what_people_typed_is_escaped_and_names_are_masked():
    text = payments(request(), {"n0": notice('Lê <script>"&', "<b>Sữa & bánh</b>")}).body.decode()
    assert "Trường &lt;An&gt;" in text
    assert "&lt;b&gt;Sữa &amp; bánh&lt;/b&gt;" in text
    assert "<b>Sữa" not in text
    assert "L. &lt;script&gt;&#34;&amp;" in text
    assert "Lê" not in text


def test_an_unchanged_page_is_not_sent_again():
    first = payments(request(), {"n0": notice("Lê An")})
    again = payments(request(if_none_match=first.headers["etag"]), {"n0": notice("Lê An")})
    changed = payments(request(if_none_match=first.headers["etag"]), {"n0": notice("Lê Bình")})
    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again.body == b""


def test_pages_are_compressed_as_the_browser_takes_them():
    plain = payments(request(), {})
    brotli = payments(request(accept_encoding="gzip, deflate, br"), {})
    zipped = payments(request(accept_encoding="br;q=0, gzip"), {})
    assert "content-encoding" not in plain.headers
    assert brotli.headers["content-encoding"] == "br"
    assert bytes(cramjam.brotli.decompress(brotli.body)) == plain.body
    assert zipped.headers["content-encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body


def test_a_list_of_25_rows_weighs_at_most_14_kb_with_its_style():
    names = ["Nguyễn Thị Ánh Tuyết", "Trần Văn Đức", "Hoàng Thị Sinh", "Vi Văn Lãng", "La Thị Mơ"]
    fees = ["Tiền ăn bán trú", "Tiền nước uống"]
    notices = {f"n{index}": notice(names[index % 5], fees[index % 2]) for index in range(25)}
    answer = payments(request(accept_encoding="gzip"), notices, rows=25)
    assert len(answer.body) + len(assets.STYLE.forms["gzip"]) <= 14 * 1024
    assert len(answer.body) <= 8 * 1024


def test_nothing_is_inline_and_the_policy_allows_nothing_inline():
    answer = payments(request(), {})
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    text = answer.body.decode()
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]* src=)", text)
    assert not re.search(r"\son\w+=|style=", text)


def test_without_script_the_page_loads_itself_again():
    assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in payments(request(), {}).body.decode()


def test_sample_pages_say_so():
    text = payments(request(), {}).body.decode()
    assert words.SAMPLE in text
    assert words.SAMPLE_SENTENCE in text
