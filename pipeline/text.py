"""Clean one posting: markup out, entities resolved, Unicode NFC, whitespace tidy, length capped."""

from __future__ import annotations

import html
import re
import unicodedata

import lxml.etree
import lxml.html

#: Characters of a text that are read. A posting of 20 pages has about 60,000; what lies beyond
#: that in a cell of several megabytes says nothing more about the duties and costs seconds.
MAX_CHARS = 100_000

_TAGS = "a|abbr|article|b|body|br|center|div|em|font|form|h[1-6]|head|header|hr|html|i|img|li|main"
_TAGS += "|meta|nav|ol|p|section|small|span|strong|style|script|sub|sup|table|tbody|td|th|title"
_TAGS += "|tr|u|ul"
_MARKUP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>|<!--|<!doctype", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,30}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
_DROP = ["script", "style", "template", "noscript"]
_BLOCKS = (
    "address article blockquote body br dd div dl dt footer form h1 h2 h3 h4 h5 h6 header "
    "hr li main nav ol p pre section table td th title tr ul"
).split()

# Control characters, format characters that split words (soft hyphen, zero-width), surrogates.
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# Only where something changes: most blanks are one space already.
_SPACES = re.compile(r"[^\S\n]{2,}|[^\S\n ]")
_BLANK_LINES = re.compile(r" \n[ \n]*|\n[ \n]+")


def clean(text: str | None) -> str:
    """Return the text as the models read it; lines stay lines.

    Any string whatever is accepted, also NUL, lone surrogates and broken markup; None gives "".
    Cleaning a cleaned text changes nothing, unless that text quotes markup as text.
    """
    if not text:
        return ""
    text = text[:MAX_CHARS].replace("\r\n", "\n").replace("\r", "\n")
    text = _CONTROL.sub(" ", text)
    if _MARKUP.search(text):
        text = html_to_text(text)
    elif _ENTITY.search(text):
        text = html.unescape(text)
        # Feeds escape their markup once more (&lt;p&gt;): what was hidden is markup too.
        if _MARKUP.search(text):
            text = html_to_text(text)
    text = _CONTROL.sub(" ", INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFC", text)
    return _BLANK_LINES.sub("\n", _SPACES.sub(" ", text)).strip()


def html_to_text(markup: str) -> str:
    """Return what a reader of this HTML would see, each block element on a line of its own."""
    parser = lxml.html.HTMLParser(huge_tree=True)
    try:
        root: lxml.html.HtmlElement = lxml.html.document_fromstring(
            f"<div>{markup}</div>", parser=parser
        )
    except (lxml.etree.ParserError, ValueError):
        return _MARKUP.sub(" ", markup)
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        # Nested deeper than the parser goes (2,048), it returns nothing of the text.
        return _MARKUP.sub(" ", markup)
    for element in list(root.iter(lxml.etree.Comment, *_DROP)):
        element.drop_tree()
    for element in root.iter(*_BLOCKS):
        # A reference to a control character (&#11;) is read by lxml and refused when written.
        element.text = "\n" + _CONTROL.sub(" ", element.text or "")
        element.tail = "\n" + _CONTROL.sub(" ", element.tail or "")
    return str(root.text_content())
