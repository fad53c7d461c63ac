// The review page: one posting at a time, decided by a key or a button.

import { Asking } from "./asking.js";
import { Outbox } from "./outbox.js";
import { Around } from "./review_around.js";
import { Drawing, fill } from "./review_posting.js";
import { recall, remember } from "./storage.js";

const KEYS = { f: "front", b: "back", u: "unsure", z: "undo", j: "next", k: "previous", "?": "keys" };
const AHEAD = 2; // postings that are fetched before anyone asks for them

const said = JSON.parse(document.getElementById("said").textContent);
const { sheet, reviewer } = document.getElementById("review").dataset;
const base = `/sheets/${sheet}/reviews`;
const drawing = new Drawing(said, document.documentElement.lang);
const around = new Around(said, drawing);
const asking = new Asking(base, reviewer, said.no_answer, (why) => (why || !outbox.length) && warn(why));
const at_ = (id) => document.getElementById(id);

let order = []; // ids: what was decided, then what is asked
let at = 0;
let made = []; // this reviewer's decisions that hold, oldest first
let shown = null; // the posting that is to be seen
let turn = 0;
let wasInReview = true;
const takenBack = new Set(); // marks of decisions, before and after the server knows
let lost = ""; // what the server has refused to keep

const outbox = new Outbox(`frontback/${sheet}/${reviewer}`, {
  kept(entry, answer) {
    warn("");
    asking.forget(entry.about.posting);
    around.progress(answer.progress);
    const sentence = entry.about.decision ? said.kept : said.taken_back;
    const others = entry.about.decision ? drawing.othersOf(answer.others) : [];
    tell([aboutRow(sentence, entry), ...others].join(" "));
    refresh();
  },
  refused(entry, why) {
    lost += `${aboutRow(said.refused, entry, { why })} `;
    warn("");
    made = made.filter(({ mark }) => mark !== entry.body.mark);
    refresh();
  },
  waiting(n, why) {
    warn(fill(said.waiting, { n: drawing.number(n), why: why || said.no_answer }));
    tell("");
  },
});

// What was said

const titleOf = (posting) => posting.title.map(([text]) => text).join("");
const held = (id) => made.findLast(({ posting }) => posting === id);

/** Return a posting with what this page knows of it that the server may not have heard yet. */
function withMine(posting) {
  const mine = takenBack.has(posting.mine?.mark) ? null : posting.mine;
  const own = held(posting.id) ?? mine;
  return { ...posting, mine: own, others: own ? posting.others : [] };
}

function newMark() {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

function decide(decision) {
  if (!shown) return; // nobody decides on what is not to be seen
  const mark = newMark();
  const { id, rows } = shown;
  const title = titleOf(shown);
  made.push({ posting: id, decision, mark, title, rows, at: new Date().toISOString() });
  asking.forget(id);
  tell(fill(said.keeping, { n: drawing.number(outbox.length + 1) }));
  outbox.add(`${base}/decide`, { posting: id, reviewer, decision, mark }, made.at(-1));
  forward();
}

function undo() {
  const last = made.pop();
  if (!last) {
    tell(said.nothing_to_undo);
    return;
  }
  takenBack.add(last.mark);
  asking.forget(last.posting);
  outbox.add(`${base}/undo`, { reviewer, mark: last.mark }, { posting: last.posting, rows: last.rows });
  goTo(last.posting);
}

// Going on

function forward() {
  do at += 1;
  while (held(order[at]));
  show(true, true);
}

function step(by) {
  const next = at + by;
  if (next < 0 || next > order.length) return;
  at = next;
  show(true);
}

function goTo(id) {
  const place = order.indexOf(id);
  if (place < 0) order.splice(at, 0, id);
  else at = place;
  show(true);
}

/**
 * Show the posting at this place.
 * @param moved whether a reader is to be taken to it.
 * @param on whether to go on where it turns out to be decided: somebody may have two tabs.
 */
async function show(moved, on = false) {
  const mine = ++turn;
  const id = order[at];
  shown = null;
  at_("posting").hidden = id === undefined;
  at_("end").hidden = id !== undefined || !order.length;
  if (id === undefined) {
    drawEnd(moved);
    return;
  }
  at_("posting").setAttribute("aria-busy", "true");
  let posting;
  try {
    posting = await asking.posting(id);
  } catch {
    posting = await asking.until(`postings/${id}`, () => mine === turn);
  }
  if (mine !== turn) return;
  if (!posting) return; // what is wrong has been told
  posting = withMine(posting);
  if (posting.mine && !held(id)) {
    made.push({ posting: id, title: titleOf(posting), rows: posting.rows, ...posting.mine });
    if (on) {
      forward();
      return;
    }
  }
  draw(posting, moved);
  for (const each of order.slice(at + 1, at + 1 + AHEAD)) asking.posting(each).catch(() => {});
}

function draw(posting, moved) {
  shown = posting;
  const heading = at_("heading");
  heading.replaceChildren(...drawing.title(posting));
  at_("where").textContent = drawing.where(posting);
  at_("said-of").textContent = drawing.saidOf(posting).join(" ");
  at_("content").replaceChildren(...drawing.posting(posting));
  const own = posting.mine?.decision;
  for (const button of document.querySelectorAll("[data-decision]")) {
    button.setAttribute("aria-pressed", String(button.dataset.decision === own));
  }
  const inReview = posting.tag.office === "review";
  at_("note").hidden = inReview || !wasInReview;
  wasInReview = inReview;
  at_("posting").setAttribute("aria-busy", "false");
  if (moved) focusOn(heading);
}

function drawEnd(moved) {
  const skipped = order.filter((id) => !held(id)).length;
  const n = drawing.number(skipped);
  at_("end-heading").textContent = skipped ? fill(said.end_skipped, { n }) : said.end;
  at_("passed-over").hidden = !skipped;
  if (moved) focusOn(at_("end-heading"));
}

function focusOn(heading) {
  heading.focus({ preventScroll: true });
  document.getElementById("review").scrollIntoView({ block: "start" });
}

// What stands around the posting

function warn(sentence) {
  at_("trouble").textContent = lost + sentence;
  at_("hurry").hidden = !outbox.length;
}

function tell(sentence) {
  at_("status").textContent = sentence;
}

function aboutRow(sentence, { about }, more = {}) {
  const rows = drawing.rows(about.rows);
  return fill(sentence, { rows, decision: said.said[about.decision], ...more });
}

function refresh() {
  if (at_("decided").open) around.decided(made, goTo);
  if (at_("agreement").open || at_("corrections").open) {
    // Without an answer it is asked again with the next decision.
    asking.once("agreement").then((answer) => around.together(answer), () => {});
  }
}

// What people do

const ACTS = {
  front: () => decide("front"),
  back: () => decide("back"),
  unsure: () => decide("unsure"),
  undo,
  next: () => step(1),
  previous: () => step(-1),
  keys: () => at_("keys").showModal(),
};

function keysAreUsed() {
  return recall("frontback/keys") !== "off";
}

function listen() {
  for (const button of document.querySelectorAll("[data-decision], [data-move]")) {
    button.addEventListener("click", () => ACTS[button.dataset.decision ?? button.dataset.move]());
  }
  document.addEventListener("keydown", (event) => {
    const act = KEYS[event.key.toLowerCase()];
    // A key that is held down decides once.
    const other = event.ctrlKey || event.altKey || event.metaKey || event.repeat || event.isComposing;
    const typing = event.target.closest("input, textarea, select, [contenteditable], dialog");
    if (!act || other || typing || at_("keys").open || !keysAreUsed()) return;
    event.preventDefault();
    ACTS[act]();
  });
  at_("hurry").addEventListener("click", () => outbox.hurry());
  at_("passed-over").addEventListener("click", () => {
    at = order.findIndex((id) => !held(id));
    show(true);
  });
  at_("use-keys").checked = keysAreUsed();
  at_("use-keys").addEventListener("change", (event) =>
    remember("frontback/keys", event.target.checked ? "on" : "off"),
  );
  for (const id of ["decided", "agreement", "corrections"]) at_(id).addEventListener("toggle", refresh);
}

/** Put what an earlier page had no answer to where it belongs. */
function addWaiting(entries) {
  for (const { body, about } of entries) {
    if (!body.decision) {
      takenBack.add(body.mark);
      made = made.filter(({ mark }) => mark !== body.mark);
    } else if (!made.some(({ mark }) => mark === body.mark)) {
      made.push(about);
    }
  }
}

async function begin() {
  listen();
  const waiting = outbox.entries;
  const queue = await asking.until("queue");
  const decisions = queue && (await asking.until("decisions"));
  if (!decisions) return;
  made = decisions;
  addWaiting(waiting);
  const before = [...new Set(made.map(({ posting }) => posting))];
  order = [...new Set([...before, ...queue.postings])];
  at = before.length;
  around.progress(queue.progress);
  at_("acts").hidden = false;
  if (!order.length) at_("how-far").textContent = said.nothing;
  wasInReview = queue.progress.in_review > 0;
  show(false);
}

begin();
