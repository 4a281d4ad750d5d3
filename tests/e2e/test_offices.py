"""Journeys of those who are no accountants: the first administrator, the officer, the group leader, the counter's lock."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.async_api import expect

from services.portal import words
from shared.clock import local_day, now
from shared.money import format_dong
from tests.e2e.browser import PHONE
from tests.e2e.district import CLINIC, OFFICE, SCHOOL
from tests.integration.support import eventually

PASSWORD = "con trâu đi trước cái cày"
LOCK_S = 600
"""Of a counter's page."""


async def test_the_first_administrator_is_made_by_the_printed_link_and_invites_somebody(district, chrome):
    link = district.installation.addresses["admin_link"]
    context = await chrome.new_context()
    page = await context.new_page()
    await page.goto(link)
    await page.get_by_label(words.people.YOUR_NAME).fill("Đỗ Thị Quản Trị")
    await page.get_by_label(words.people.LOGIN).fill("quan.tri")
    await page.locator("#password").fill("12345678")
    await page.locator("#again").fill("12345678")
    await page.evaluate("document.querySelector('form').noValidate = true")
    await page.get_by_role("button", name=words.people.SAVE).click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label(words.people.YOUR_NAME)).to_have_value("Đỗ Thị Quản Trị")
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#again").fill(PASSWORD)
    await page.get_by_role("button", name=words.people.SAVE).click()
    await expect(page.locator("h1")).to_contain_text(words.SITES_TITLE)

    await page.goto(f"{district.portal}/people/new")
    await page.get_by_label(words.people.NAME).fill("Lê Văn Kế Toán")
    await page.get_by_label(words.people.LOGIN).fill("ke.toan")
    await page.get_by_label(words.people.GRANT_ROLE.format(row=1)).select_option(label=words.people.ROLES["accountant"])
    await page.get_by_label(words.people.GRANT_PLACE.format(row=1)).fill("Trường không có")
    await page.get_by_role("button", name=words.people.SAVE).click()
    await expect(page.get_by_role("alert")).to_contain_text(words.people.GRANT_PROBLEMS["unknown_site"])
    await page.get_by_label(words.people.GRANT_PLACE.format(row=1)).fill("Trung tâm Y tế Sơn Động")
    await page.get_by_role("button", name=words.people.SAVE).click()
    invitation = await page.locator("code").inner_text()

    other = await (await chrome.new_context(viewport=PHONE)).new_page()
    await other.goto(invitation)
    await other.locator("#password").fill(PASSWORD)
    await other.locator("#again").fill(PASSWORD)
    await other.get_by_role("button", name=words.people.SAVE).click()
    await expect(other.locator("h1")).to_contain_text(words.queue.REVIEW_TITLE)
    assert (await other.request.get(invitation)).status == 404
    assert (await page.request.get(link)).status == 404
    await other.context.close()
    await context.close()


async def test_an_officer_finds_a_dossier_by_its_bare_code_takes_the_money_and_confirms_it(district, chrome):
    (bill,) = await district.bills(OFFICE, 1)
    async with district.as_person(chrome, "mau-mot-cua") as page:
        typed = f"{bill.payer_code[:3]}-{bill.payer_code[3:]}".lower()
        await page.goto(f"{district.portal}/counter?site={OFFICE}")
        await page.locator("#q").fill(typed)
        await page.keyboard.press("Enter")
        await page.wait_for_load_state()
        await expect(page.locator("form.pick").first).to_contain_text(bill.payer_code)
        await page.locator("form.pick button").first.click()
        await expect(page.locator(".wait").first).to_contain_text(words.counter.NOT_YET)

        await district.pay(OFFICE, bill.amount, bill.reference)

        await expect(page.locator(".wait.received").first).to_contain_text("ĐÃ NHẬN", timeout=10_000)
        await page.get_by_role("link", name=words.counter.RECEIPT).click()
        await expect(page.locator("article")).to_contain_text(words.counter.RECEIPT_DISCLAIMER)
        told = await page.locator("article").inner_text()
        assert f"{urlsplit(district.portal).netloc}/verify" in told
        code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", told)[0]
        path = await page.get_by_role("link", name=words.counter.RECEIPT_PDF).get_attribute("href")
        pdf = await page.request.get(f"{district.portal}{path}")
        assert (await pdf.body()).startswith(b"%PDF-")

    # Anybody may check it, and is told site, amount and day, never who.
    context = await chrome.new_context(viewport=PHONE, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{district.portal}/verify")
    await page.locator("#code").fill(code.lower().replace("-", " "))
    await page.get_by_role("button", name=words.counter.VERIFY_BUTTON).click()
    main = page.locator("main")
    await expect(main).to_contain_text(words.counter.VERIFY_FOUND)
    await expect(main).to_contain_text(format_dong(bill.amount))
    assert bill.payer_name not in await main.inner_text()
    await context.close()


async def test_a_group_leader_logs_help_without_names_and_prints_the_sheet(district, chrome):
    async with district.as_person(chrome, "mau-to-truong", viewport=PHONE) as page:
        await page.goto(f"{district.portal}/group")
        await page.get_by_label(words.committee.GROUP_PEOPLE).fill("7")
        await page.get_by_label(words.committee.GROUP_KIND).select_option("scan")
        await page.get_by_role("button", name=words.committee.GROUP_SAVE).dblclick()
        await expect(page.get_by_role("status")).to_contain_text(words.committee.GROUP_SAVED)
        line = words.committee.HELP_LINE.format(kind=words.committee.HELP_KINDS["scan"], people=7)
        # A double click is one help given.
        await expect(page.get_by_text(line)).to_have_count(1)
        await page.get_by_role("link", name=words.committee.GROUP_SHEET).click()
        await expect(page.locator("article")).to_contain_text(words.committee.SHEET_SAFE)


async def test_a_payer_who_owes_nothing_is_erased_and_then_stands_nowhere(district, chrome):
    (bill,) = await district.bills(SCHOOL, 1)
    async with district.as_person(chrome, "mau-hieu-truong") as page:
        await page.goto(f"{district.portal}/requests")
        await page.get_by_label(words.requests.SITE).select_option(SCHOOL)
        await page.get_by_label(words.requests.PAYER_CODE).fill(bill.payer_code)
        await page.get_by_label(words.requests.KIND, exact=True).select_option("erase")
        await page.get_by_label(words.requests.ASKED_BY).fill("Mẹ cháu, tại trường")
        await page.get_by_label(words.requests.SAID).fill("Cháu đã chuyển trường, xin xóa.")
        await page.get_by_role("button", name=words.requests.SAVE).click()
        await page.get_by_role("link", name=words.requests.ERASURE_OPEN).click()
        await expect(page.get_by_text(words.requests.STILL_OWES.partition("{")[0])).to_be_visible()
        erase = page.get_by_role("button", name=words.requests.ERASE)
        await expect(erase).to_have_count(0)

        await district.pay(SCHOOL, bill.amount, bill.reference)

        async def may_be_erased() -> bool:
            await page.reload()
            return await erase.count() == 1

        await eventually(may_be_erased, within_s=30, pause_s=1)
        await erase.click()
        await expect(page.locator("h1")).to_contain_text(words.requests.STATES["done"])
        await expect(page.locator("dl")).not_to_contain_text("Mẹ cháu")
        await expect(page.locator("main")).not_to_contain_text(bill.payer_code)

        async def forgotten() -> bool:
            await page.goto(f"{district.portal}/search?q={bill.payer_code}")
            return bill.payer_name not in await page.locator("main").inner_text()

        await eventually(forgotten, within_s=20, pause_s=1)


async def test_an_untouched_counter_locks_itself(district, chrome):
    async with district.as_person(chrome, "mau-thu-ngan") as page:
        await page.clock.install()
        await page.goto(f"{district.portal}/counter?site={CLINIC}")
        await page.clock.run_for((LOCK_S - 30) * 1000)
        await expect(page.locator("h1")).to_contain_text(words.counter.TITLE)
        await page.clock.run_for(60 * 1000)
        await expect(page).to_have_url(re.compile("/locked"))
        # What was open is closed to whoever comes by, until the cashier unlocks it.
        await page.goto(f"{district.portal}/counter?site={CLINIC}")
        await expect(page).to_have_url(re.compile("/locked"))
        await page.get_by_role("button", name=words.people.UNLOCK).click()
        await expect(page.locator("h1")).to_contain_text(words.counter.TITLE)


async def test_a_fee_that_was_paid_on_the_public_service_portal_is_never_asked_at_the_counter(district, chrome):
    code, today = "H02.31-261124-0117", local_day(now())
    report = f"Mã hồ sơ,Số tiền,Ngày nộp,Số biên lai\nH02312611240117,50.000,{today:%d/%m/%Y},DVC-0117\n"
    async with district.as_person(chrome, "mau-mot-cua") as page:
        await page.goto(f"{district.portal}/imports/portal-report")
        await page.locator("#file").set_input_files({"name": "cong.csv", "mimeType": "text/csv", "buffer": report.encode()})
        await page.get_by_role("button", name=words.counter.REPORT_BUTTON).click()
        await expect(page.get_by_role("status")).to_contain_text(words.counter.REPORT_DONE.format(accepted=1, unchanged=0))
        # The dossier has no fee yet: the counter knows all the same, and issuing it asks nobody.
        await page.goto(f"{district.portal}/counter?q=h02.31.261124.0117")
        await expect(page.locator("main")).to_contain_text("Đã nộp trên Cổng Dịch vụ công 50.000 đ")
        await page.get_by_label(words.counter.ISSUE_NAME).fill("Lò Văn Cổng")
        await page.get_by_label(words.counter.ISSUE_CODE).fill(code)
        await page.locator("#amount").fill("50.000")
        await page.get_by_role("button", name=words.counter.ISSUE_BUTTON).click()
        await expect(page.locator("p.say").first).to_contain_text("không thu lại")
        await expect(page.locator("section.wait", has_text="Lò Văn Cổng")).to_have_count(0)

        async def paid() -> bool:
            await page.goto(f"{district.portal}/counter?q=lo van cong")
            text = await page.locator("main").inner_text()
            return f"Lò Văn Cổng, {code}" in text and "Đã nộp trên Cổng Dịch vụ công 50.000 đ" in text

        await eventually(paid)
        await expect(page.get_by_role("button", name=words.counter.SHOW, exact=True)).to_have_count(0)
