// The browser's own storage, which people may have switched off, or filled: then nothing is found.

function tried(act) {
  try {
    return act();
  } catch {
    return null;
  }
}

export const recall = (key) => tried(() => localStorage.getItem(key));
export const remember = (key, value) => tried(() => localStorage.setItem(key, value));
export const forget = (key) => tried(() => localStorage.removeItem(key));

/** Return the keys that begin like this, in order. */
export const keysOf = (start) =>
  tried(() => Object.keys(localStorage).filter((key) => key.startsWith(start)).sort()) ?? [];
