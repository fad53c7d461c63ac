// What was said and is not known to be kept yet: sent one by one, in order, again and again until
// the server answers. It lies in the browser's storage meanwhile, so that a page that was closed
// goes on with it when it is opened again. To send something twice does no harm: each has a mark.

import { forget, keysOf, recall, remember } from "./storage.js";

const PAUSES = [1, 2, 5, 10, 20]; // seconds
const PATIENCE = 30_000; // milliseconds
// What will be refused however often it is sent.
export const FINAL = new Set([400, 404, 413, 422]);

export class Outbox {
  #entries;
  #name;
  #told;
  #sending = false;
  #hurry = () => {};

  /**
   * @param name of the storage's own part.
   * @param told functions: kept(entry, answer), refused(entry, why), waiting(n, why).
   */
  constructor(name, told) {
    this.#name = `${name}/`;
    this.#told = told;
    this.#entries = keysOf(this.#name).map((key) => JSON.parse(recall(key)));
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("beforeunload", (event) => this.#entries.length && event.preventDefault());
    this.#send();
  }

  get length() {
    return this.#entries.length;
  }

  get entries() {
    return [...this.#entries];
  }

  /** Send something: a path, what goes there, and whatever the page wants to know of it later. */
  add(path, body, about = {}) {
    const key = `${this.#name}${Date.now()}-${body.mark}-${path.split("/").pop()}`;
    const entry = { key, path, body, about };
    this.#entries.push(entry);
    remember(key, JSON.stringify(entry));
    this.#send();
  }

  /** Try again now. */
  hurry() {
    this.#hurry();
  }

  async #send() {
    if (this.#sending) return;
    this.#sending = true;
    let failures = 0;
    while (this.#entries.length) {
      const [entry] = this.#entries;
      const { answer, why } = await post(entry);
      if (answer || FINAL.has(why?.status)) {
        failures = 0;
        this.#entries.shift();
        forget(entry.key);
        if (answer) this.#told.kept(entry, answer);
        else this.#told.refused(entry, why.sentence);
      } else {
        const seconds = PAUSES[Math.min(failures++, PAUSES.length - 1)];
        this.#told.waiting(this.#entries.length, why.sentence);
        await this.#pause(seconds);
      }
    }
    this.#sending = false;
  }

  #pause(seconds) {
    return new Promise((done) => {
      const timer = setTimeout(done, seconds * 1000);
      this.#hurry = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

async function post({ path, body }) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE),
    });
    const answer = await response.json();
    if (response.ok) return { answer };
    return { why: { status: response.status, sentence: answer.error ?? "" } };
  } catch {
    return { why: { status: 0, sentence: "" } };
  }
}
