// What the page asks of the server: once, until there is an answer, or before its turn.

import { FINAL } from "./outbox.js";

const PAUSE = 2000; // milliseconds between two questions that were not answered
const BUSY = 503; // or a large sheet is still being put in order

export class Asking {
  #base;
  #reviewer;
  #noAnswer;
  #warn;
  #postings = new Map(); // id -> promise

  /**
   * @param noAnswer what is said where the server does not answer.
   * @param warn told what is wrong, and "" when it no longer is.
   */
  constructor(base, reviewer, noAnswer, warn) {
    this.#base = base;
    this.#reviewer = reviewer;
    this.#noAnswer = noAnswer;
    this.#warn = warn;
  }

  async once(path) {
    const who = encodeURIComponent(this.#reviewer);
    const response = await fetch(`${this.#base}/${path}?reviewer=${who}`);
    const answer = await response.json();
    if (response.ok) return answer;
    throw Object.assign(new Error(answer.error), { status: response.status });
  }

  /** Ask until there is an answer; null where there will be none, or nobody wants it any more. */
  async until(path, wanted = () => true) {
    while (wanted()) {
      try {
        const answer = await this.once(path);
        this.#warn("");
        return answer;
      } catch (error) {
        if (error.status !== BUSY) this.#warn(error.status ? error.message : this.#noAnswer);
        if (FINAL.has(error.status)) return null;
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    }
    return null;
  }

  /** Return the promise of a posting, which may have been asked for before. */
  posting(id) {
    if (!this.#postings.has(id)) {
      const posting = this.once(`postings/${id}`);
      posting.catch(() => this.forget(id));
      this.#postings.set(id, posting);
    }
    return this.#postings.get(id);
  }

  /** Ask for a posting anew when it is next wanted. */
  forget(id) {
    this.#postings.delete(id);
  }
}
