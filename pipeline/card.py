"""A model card: the files that say to people what a model is, made of its manifest alone.

They are made where a model is stored, whether it was trained there or came from elsewhere; those
of others are never taken in.
"""

from __future__ import annotations

from pipeline.card_page import card_page
from pipeline.card_sections import sections, title_of
from pipeline.card_text import card_text
from pipeline.model_files import Manifest

PAGE, TEXT = "card.html", "card.md"


def card_files(manifest: Manifest) -> dict[str, bytes]:
    """Return the files of a card by name, whatever stands in the manifest."""
    title, found = title_of(manifest), sections(manifest)
    pages = {PAGE: card_page(title, found), TEXT: card_text(title, found)}
    return {name: content.encode() for name, content in pages.items()}
