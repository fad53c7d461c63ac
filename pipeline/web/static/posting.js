// The answer to what stands in the form, as one types: the newest question alone is answered.

import { said, sentence } from "./fresh.js";

const [form, title, text, answer, wrong, spoken] = ["posting", "title", "text", "answer", "wrong",
  "spoken"].map((id) => document.getElementById(id));
const empty = answer.innerHTML;
const PAUSE = 120; // milliseconds without a key, before anything is asked
let waiting, asking = new AbortController();

function show(markup) {
  answer.innerHTML = markup; // the server's own, all text in it escaped
  const found = answer.querySelector("[data-spoken]")?.dataset.spoken ?? "";
  if (spoken.textContent !== found) spoken.textContent = found;
}

async function ask() {
  asking.abort();
  asking = new AbortController();
  answer.removeAttribute("aria-busy");
  const { signal } = asking;
  const most = Number(form.dataset.most);
  wrong.textContent = text.value.length > most ? sentence("too_long", { most }) : "";
  if (wrong.textContent) return;
  if (!text.value.trim() && !title.value.trim()) return show(empty);
  answer.setAttribute("aria-busy", "true");
  try {
    const response = await fetch("/posting/answer", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ title: title.value, text: text.value }),
      signal,
    });
    const content = await response.text();
    if (signal.aborted) return;
    if (response.ok) show(content);
    else wrong.textContent = JSON.parse(content).error;
  } catch (error) {
    if (signal.aborted) return;
    wrong.textContent = said.unreachable;
  }
  answer.removeAttribute("aria-busy");
}

form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});
ask(); // a browser may have kept what was typed
