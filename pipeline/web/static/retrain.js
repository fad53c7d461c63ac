// Trains on what was decided, shows what it would change, and has the new model used, or not.

import { follow, part, renew, said, wrong } from "./fresh.js";

const address = `/sheets/${part("candidate").dataset.id}/retrain`;

function watch() {
  follow(
    address,
    () => part("candidate").dataset.state === "training",
    (now) => now.state !== "training" && show(),
  );
}

async function show() {
  await renew("candidate");
  part("live").textContent =
    (part("used") ?? part("verdict") ?? part("error") ?? part("decided")).textContent;
  listen();
}

async function ask(method, path = "") {
  part("wrong").textContent = "";
  try {
    const answer = await fetch(address + path, { method });
    if (!answer.ok) part("wrong").textContent = await wrong(answer);
    await show();
    part("main").focus();
    watch();
  } catch {
    part("wrong").textContent = said.no_answer;
  }
}

function listen() {
  part("train")?.addEventListener("click", () => ask("POST"));
  part("stop")?.addEventListener("click", () => ask("DELETE"));
  part("use")?.addEventListener("click", () => ask("POST", "/use"));
}

listen();
watch();
