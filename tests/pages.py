"""Pages of HTML, taken apart."""

from html.parser import HTMLParser


class Page(HTMLParser):
    """Tags and their attributes, and the text between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data) -> None:
        self.text += f" {data}"

    @property
    def names(self) -> set[str]:
        return {tag for tag, _ in self.tags}
