// What stands around the posting: how far one is, what one decided, how far people agree.

import { fill, make } from "./review_posting.js";

const SHOWN = 100; // decisions in the list

export class Around {
  #said;
  #drawing;

  constructor(said, drawing) {
    this.#said = said;
    this.#drawing = drawing;
  }

  /** Show how far one is: with what is in review first, then with the others. */
  progress({ asked, decided, in_review: all, in_review_decided: done }) {
    const said = this.#said;
    const [others, more] = [asked - all, decided - done];
    if (!all) this.#howFar(said.progress_all, others, more, { done: more, all: others, left: others - more });
    else if (done < all || !more) this.#howFar(said.progress, all, done, { done, all, left: all - done });
    else this.#howFar(said.progress_others, others, more, { all, done: more, others });
  }

  #howFar(sentence, max, value, values) {
    const bar = document.getElementById("progress");
    [bar.max, bar.value] = [Math.max(max, 1), value];
    document.getElementById("how-far").textContent = this.#filled(sentence, values);
  }

  /** Show one's decisions, the last one first; another posting is gone to by its button. */
  decided(made, goTo) {
    const latest = new Map();
    for (const each of made) {
      latest.delete(each.posting);
      latest.set(each.posting, each);
    }
    const list = [...latest.values()].reverse().slice(0, SHOWN);
    const table = document.getElementById("decided-table");
    document.getElementById("decided-none").hidden = list.length > 0;
    table.hidden = !list.length;
    table.tBodies[0].replaceChildren(...list.map((each) => this.#decision(each, goTo)));
  }

  #decision({ posting, decision, title, rows, at }, goTo) {
    const said = this.#said;
    const where = this.#drawing.rows(rows);
    const name = fill(said.change_row, { rows: where });
    const change = make("button", { type: "button", "aria-label": name }, said.change);
    change.addEventListener("click", () => goTo(posting));
    return row(change, where, title || said.untitled, said.said[decision], this.#drawing.when(at));
  }

  /** Show how far reviewers agree, and what there is to save. */
  together({ pairs, agreed, conflicts }) {
    const said = this.#said;
    const both = pairs.filter((pair) => pair.both + pair.unsure > 0);
    document.getElementById("agreement-none").hidden = both.length > 0;
    document.getElementById("agreed").hidden = !both.length;
    const table = document.getElementById("agreement-table");
    table.tBodies[0].replaceChildren(...both.map((pair) => this.#pair(pair)));
    const sentence = agreed + conflicts ? said.corrections_said : said.corrections_none;
    document.getElementById("corrections-said").textContent = this.#filled(sentence, { agreed, conflicts });
    document.getElementById("exports").hidden = !agreed;
  }

  #pair({ reviewers, both, same, kappa: { value, low, high }, judgement, unsure }) {
    const [said, drawing] = [this.#said, this.#drawing];
    const interval = low === null ? "" : ` (${drawing.decimal(low)}–${drawing.decimal(high)})`;
    return row(
      reviewers.join(", "),
      drawing.number(both),
      same === null ? "–" : drawing.percent(same),
      value === null ? said.undefined : drawing.decimal(value) + interval,
      said.judgement[judgement] ?? "–",
      drawing.number(unsure),
    );
  }

  #filled(sentence, numbers) {
    const shown = Object.entries(numbers).map(([name, value]) => [name, this.#drawing.number(value)]);
    return fill(sentence, Object.fromEntries(shown));
  }
}

function row(...cells) {
  return make("tr", {}, ...cells.map((cell) => make("td", {}, cell)));
}
