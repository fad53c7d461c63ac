// Brings sheets to the server, one after the other, and keeps the list up to date.

import { later, part, renew, said, sentence } from "./fresh.js";

const drop = part("drop");
const most = Number(drop.dataset.most);
const waiting = []; // files, also those that come while another is sent
let busy = false;
let watching = false;

drop.addEventListener("submit", (event) => event.preventDefault());
part("file").addEventListener("change", (event) => {
  bring([...event.target.files]);
  event.target.value = "";
});
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.add("over");
  });
}
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) drop.classList.remove("over");
});
document.addEventListener("drop", (event) => {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  drop.classList.remove("over");
  bring([...event.dataTransfer.files]);
});

async function bring(files) {
  waiting.push(...files);
  if (busy || !waiting.length) return;
  busy = true;
  part("wrong").textContent = "";
  const ids = [];
  const failures = [];
  while (waiting.length) {
    try {
      ids.push((await send(waiting.shift())).id);
    } catch (error) {
      failures.push(error.message);
    }
  }
  busy = false;
  part("upload").hidden = true;
  part("wrong").textContent = failures.join(" ");
  if (ids.length === 1 && !failures.length) location.assign(`/sheets/${ids[0]}`);
  else watch();
}

function send(file) {
  part("sending").textContent = sentence("sending", { name: file.name });
  part("live").textContent = part("sending").textContent;
  part("sent").value = 0;
  part("upload").hidden = false;
  return new Promise((done, failed) => {
    const fail = (text) => failed(new Error(text));
    if (file.size > most) return fail(sentence("too_large", { name: file.name }));
    // fetch() does not tell how much has been sent.
    const request = new XMLHttpRequest();
    request.open("POST", "/sheets");
    request.responseType = "json";
    request.setRequestHeader("X-Name", encodeURIComponent(file.name));
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) part("sent").value = (100 * event.loaded) / event.total;
    });
    request.addEventListener("load", () => {
      if (request.status === 201) done(request.response);
      else fail(request.response?.error ?? said.no_answer);
    });
    request.addEventListener("error", () => fail(sentence("not_sent", { name: file.name })));
    request.addEventListener("abort", () => fail(sentence("not_sent", { name: file.name })));
    part("cancel").onclick = () => request.abort();
    request.send(file);
  });
}

async function watch() {
  if (watching) return;
  watching = true;
  do {
    try {
      await renew("sheets");
    } catch {
      // The server is asked again.
    }
    await later(1000);
  } while (part("sheets").dataset.busy !== "0");
  watching = false;
}

if (part("sheets").dataset.busy !== "0") watch();
