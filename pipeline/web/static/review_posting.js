// One posting, drawn: all that comes from a sheet is text, never markup.

/** Return an element; what it holds is elements and texts. */
export function make(name, attributes = {}, ...content) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...content.filter((each) => each !== null && each !== ""));
  return element;
}

/** Return a sentence with values in the places that it names. */
export function fill(sentence, values = {}) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export class Drawing {
  #said;
  #numbers;
  #percent;
  #language;

  constructor(said, language) {
    this.#said = said;
    this.#language = language;
    this.#numbers = new Intl.NumberFormat(language, { useGrouping: "always" });
    this.#percent = new Intl.NumberFormat(language, { style: "percent" });
  }

  number(value) {
    return this.#numbers.format(value);
  }

  percent(share) {
    return this.#percent.format(share);
  }

  decimal(value) {
    return new Intl.NumberFormat(this.#language, {
      minimumFractionDigits: 2,
      maximumFractionDigits: 2,
    }).format(value);
  }

  when(time) {
    // As the reader's country writes it, where that is of the language of the page.
    const own = navigator.languages.find((each) => each.startsWith(this.#language));
    return new Date(time).toLocaleString(own ?? this.#language, { dateStyle: "medium", timeStyle: "short" });
  }

  rows(rows) {
    return rows.map((row) => this.number(row)).join(", ");
  }

  where(posting) {
    const said = this.#said;
    return posting.rows.length ? fill(said.row, { rows: this.rows(posting.rows) }) : said.no_row;
  }

  /** Return what stands below the title. */
  posting(posting) {
    return [
      this.#answer(posting.tag),
      make("div", { class: "text", ...langOf(posting.tag) }, ...posting.lines.map((line) => this.#line(line))),
      this.#why(posting),
      ...this.#otherModel(posting),
    ];
  }

  title(posting) {
    const pieces = posting.title.filter(([text]) => text);
    return pieces.length ? pieces.map(drawPiece) : [this.#said.untitled];
  }

  /** Return what a reviewer has said, and what others have. */
  saidOf(posting) {
    if (!posting.mine) return [];
    const { decision, at } = posting.mine;
    const said = this.#said;
    const own = fill(said.you_said, { decision: said.said[decision], when: this.when(at) });
    return [own, ...this.othersOf(posting.others)];
  }

  othersOf(others) {
    const said = this.#said;
    return others.map(({ reviewer, decision }) =>
      fill(said.they_said, { reviewer, decision: said.said[decision] }),
    );
  }

  #answer(tag) {
    const said = this.#said;
    const parts = [make("strong", { class: tag.office }, said.office[tag.office])];
    if (tag.reason) parts.push(said.reason[tag.reason] ?? tag.reason);
    if (tag.p_front !== null) parts.push(bar(tag.p_front), fill(said.p_front, { p: this.percent(tag.p_front) }));
    if (tag.share !== null) parts.push(fill(said.share, { share: this.percent(tag.share / 100) }));
    parts.push(said.language[tag.language] ?? tag.language);
    return make("p", { class: "answer" }, ...parts.map((part) => make("span", {}, part)));
  }

  #why(posting) {
    const said = this.#said;
    const sides = Object.entries(posting.why).filter(([, phrases]) => phrases.length);
    return make(
      "dl",
      { class: "why" },
      ...sides.flatMap(([side, phrases]) => [
        make("dt", {}, side === "front" ? said.why_front : said.why_back),
        make("dd", {}, ...phrases.flatMap((each, at) => [at ? ", " : "", make("q", langOf(posting.tag), each)])),
      ]),
    );
  }

  #line(line) {
    const label = line.mark ? make("small", { lang: this.#language }, this.#said[line.mark]) : null;
    return make("p", line.mark ? { class: line.mark } : {}, ...line.pieces.map(drawPiece), label);
  }

  #otherModel(posting) {
    const { tag, marks_of: now } = posting;
    if (tag.model === now || !Object.keys(posting.why).length) return [];
    return [make("p", { class: "faint" }, fill(this.#said.other_model, { then: tag.model, now }))];
  }
}

function drawPiece([text, office, shade]) {
  return shade ? make("mark", { class: `${office} s${shade}` }, text) : document.createTextNode(text);
}

function langOf(tag) {
  return ["es", "no", "en"].includes(tag.language) ? { lang: tag.language } : {};
}

function bar(share) {
  const filled = make("span", {});
  filled.style.width = `${100 * share}%`;
  return make("span", { class: "bar", "aria-hidden": "true" }, filled);
}
