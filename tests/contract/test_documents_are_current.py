"""What is made from the code is what is checked in."""

from services.documents import documents


def test_documents_made_from_the_code_are_current():
    stale = [
        path.name for path, text in documents().items() if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run `make docs`"
