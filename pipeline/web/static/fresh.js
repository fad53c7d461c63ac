// What pages that watch something share: their sentences, and a part of the page made new.

export const said = JSON.parse(document.getElementById("said").textContent);
const number = new Intl.NumberFormat(document.documentElement.lang === "no" ? "nb" :
  document.documentElement.lang, { useGrouping: "always" });

/** Return a sentence with values in their places, numbers as the page's language writes them. */
export function sentence(key, values = {}) {
  return said[key].replace(/\{(\w+)\}/g, (_, name) =>
    typeof values[name] === "number" ? number.format(values[name]) : values[name]);
}

export const part = (id) => document.getElementById(id);

/** Put what the server shows now in the place of a part of the page. */
export async function renew(id) {
  const answer = await fetch(location.href);
  if (!answer.ok) throw new Error(answer.status);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  part(id).replaceWith(document.adoptNode(page.getElementById(id)));
}

/** Return the sentence of an answer that is no success. */
export async function wrong(answer) {
  try {
    return (await answer.json()).error ?? said.no_answer;
  } catch {
    return said.no_answer;
  }
}

export const later = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));

/**
 * Ask every second how far something is, and say what is wrong with that.
 * @param address where its state is.
 * @param isBusy whether to go on.
 * @param told what to do with the state.
 */
export async function follow(address, isBusy, told) {
  while (isBusy()) {
    await later(1000);
    try {
      const answer = await fetch(`${address}/state`);
      if (!answer.ok) {
        part("wrong").textContent = await wrong(answer);
        if (answer.status === 404) return;
        continue;
      }
      part("wrong").textContent = "";
      await told(await answer.json());
    } catch {
      part("wrong").textContent = said.no_answer;
    }
  }
}
