// Shows how far a sheet is, and what came of it when it is tagged.

import { follow, part, renew, said, sentence, wrong } from "./fresh.js";

const id = part("sheet").dataset.id;
const address = `/sheets/${id}`;
const isBusy = (state) => state === "waiting" || state === "tagging";

function watch() {
  follow(
    address,
    () => isBusy(part("sheet").dataset.state),
    (now) => (isBusy(now.state) ? show(now) : finish(now)),
  );
}

function show(now) {
  part("course").textContent = now.rows ? sentence("progress", now) : said[now.state];
  if (!now.rows) return;
  part("progress").max = now.rows;
  part("progress").value = now.done;
}

/** Go on to the review, where the address asks for it and the sheet is tagged. */
function goOn(state) {
  const next = new URLSearchParams(location.search).get("next");
  const goes = state === "tagged" && next === "review";
  if (goes) location.replace(`${address}/review`);
  return goes;
}

async function finish(now) {
  if (goOn(now.state)) return;
  await renew("sheet");
  part("live").textContent = now.error || sentence("summary", now);
  listen();
}

async function tag(form) {
  part("wrong").textContent = "";
  try {
    const answer = await fetch(`${address}/tag`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(Object.fromEntries(new FormData(form))),
    });
    if (!answer.ok) {
      part("wrong").textContent = await wrong(answer);
      return;
    }
    await renew("sheet");
    listen(); // a small sheet is tagged by now
    part("main").focus();
    watch();
  } catch {
    part("wrong").textContent = said.no_answer;
  }
}

async function remove() {
  try {
    const answer = await fetch(address, { method: "DELETE" });
    if (answer.ok || answer.status === 404) location.assign("/");
    else part("wrong").textContent = await wrong(answer);
  } catch {
    part("wrong").textContent = said.no_answer;
  }
}

function listen() {
  part("form")?.addEventListener("submit", (event) => {
    event.preventDefault();
    tag(part("form"));
  });
  part("again")?.addEventListener("click", () => tag(part("form")));
}

const asked = part("asked");
part("remove").addEventListener("click", () => {
  asked.returnValue = "no";
  asked.showModal();
});
asked.addEventListener("close", () => {
  if (asked.returnValue === "yes") remove();
});
listen();
if (!goOn(part("sheet").dataset.state)) watch();
