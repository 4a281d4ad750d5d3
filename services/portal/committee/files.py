"""The monthly report as files to keep and to sign."""

from __future__ import annotations

from services.portal import words
from services.portal.committee.model import Figure
from services.portal.committee.report import Report, share_of
from services.portal.web.paper import Paper
from services.portal.web.workbook import Sheet, workbook
from shared.paper import A4


def as_xlsx(report: Report) -> bytes:
    """The headlines, the table and the sites to help, each on a sheet."""
    about = [report.place, words.committee.NO_PERSONAL, *([words.SAMPLE_SENTENCE] if report.sample else [])]
    headlines = [(each.name, each.share_words, each.part_words, each.change_words) for each in report.headlines]
    lines = [
        (
            line.name,
            *(text for figure in (line.payers, line.count, line.value) for text in (share_of(figure), _whole(figure))),
        )
        for line in report.lines
    ]
    helped = [(name, share_of(each.figure), words.committee.CAUSES[each.cause]) for name, each in report.helped]
    first, *others = words.committee.TABLE_COLUMNS
    columns = [first, *(text for name in others for text in (name, f"{name}: tổng"))]
    return workbook([
        Sheet("Tóm tắt", report.title, about, words.committee.HEADLINE_COLUMNS, headlines, signers=words.committee.SIGNERS),
        Sheet(words.committee.BY[report.by], report.title, about, columns, lines),
        Sheet(words.committee.HELP_FIRST, report.title, about, words.committee.HELP_COLUMNS, helped),
        Sheet(words.committee.DONE_COLUMN, words.committee.DONE, about, (words.committee.DONE_COLUMN,),
              [(each,) for each in report.done or [words.committee.DONE_NONE]]),
    ])  # fmt: skip


def _whole(figure: Figure) -> int | str:
    return words.committee.WITHHELD if figure.is_small else figure.whole


def as_pdf(report: Report) -> bytes:
    """One A4 document."""
    paper = Paper(report.title, A4, sample=words.SAMPLE if report.sample else "")
    paper.text(report.title.upper(), 15, bold=True, centred=True)
    paper.text(report.place, 12, centred=True, gap=8)
    for each in report.headlines:
        paper.pair(each.share_words, ": ".join(part for part in (each.name, each.told) if part), 11)
    paper.text("", gap=4)
    paper.text(words.committee.BY[report.by], 12, bold=True, gap=2)
    paper.table(
        words.committee.TABLE_COLUMNS,
        [(line.name, share_of(line.payers), share_of(line.count), share_of(line.value)) for line in report.lines],
        (0.52, 0.16, 0.16, 0.16),
    )
    paper.text(words.committee.HELP_FIRST, 12, bold=True, gap=2)
    for number, (name, helped) in enumerate(report.helped, start=1):
        paper.text(f"{number}. {name} ({share_of(helped.figure)}): {words.committee.CAUSES[helped.cause]}.", 10.5)
    if not report.helped:
        paper.text(words.committee.HELP_NONE, 10.5)
    paper.text("", gap=4)
    paper.text(words.committee.DONE, 12, bold=True, gap=2)
    for done in report.done or [words.committee.DONE_NONE]:
        paper.text(done, 10.5)
    paper.text("", gap=4)
    paper.text(f"{words.committee.WITHHELD_HINT} {words.committee.NO_PERSONAL}", 9)
    paper.signatures(words.committee.SIGNERS)
    return paper.finished()
