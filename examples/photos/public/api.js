const TRIES_MAX = 6;
const PAUSE_MS = 500;

/** What the server says went wrong, in words for a person; trying again would not help. */
export class Refused extends Error {}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Tries again while the service is away or says that it is busy: it is restarted now and then, and loses nothing by it. */
async function withRetries(attempt) {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (failure) {
      if (failure instanceof Refused || count === TRIES_MAX) throw failure;
      await pause(PAUSE_MS * 2 ** (count - 1) * (0.5 + Math.random()));
    }
  }
}

/** @returns {Promise<any>} the answer's JSON. */
export function ask(path, body) {
  return withRetries(async () => {
    const request =
      body === undefined ? {} : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    const response = await fetch(path, request);
    const answer = await response.json().catch(() => ({}));
    if (response.ok) return answer;
    const text = answer.error ?? `The service answered ${response.status}.`;
    throw response.status >= 500 ? new Error(text) : new Refused(text);
  });
}

/** Sends a file straight to the object store; `onProgress` hears a fraction from 0 to 1. */
export function upload(url, { file, contentType, onProgress }) {
  return withRetries(
    () =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open("PUT", url);
        request.setRequestHeader("content-type", contentType);
        request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
        request.addEventListener("load", () => {
          if (request.status < 300) resolve();
          else if (request.status < 500) reject(new Refused(`The upload was refused (${request.status}).`));
          else reject(new Error("The upload failed."));
        });
        request.addEventListener("error", () => reject(new Error("The connection was lost during the upload.")));
        request.send(file);
      }),
  );
}

/**
 * Listens to a batch. The browser connects again by itself and then hears the whole batch again; where it has given up,
 * because the service answered with an error meanwhile, we start anew.
 * @returns a function that ends it.
 */
export function listen(batchId, { onBatch, onPhotos, onGone }) {
  let source;
  let isOver = false;
  let failures = 0;
  const open = () => {
    source = new EventSource(`/api/batches/${batchId}/events`);
    source.addEventListener("batch", (event) => {
      failures = 0;
      onBatch(JSON.parse(event.data));
    });
    source.addEventListener("photos", (event) => onPhotos(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      if (!isOver && source.readyState === EventSource.CLOSED) void startAnew();
    });
  };
  const startAnew = async () => {
    failures += 1;
    const answer = await fetch(`/api/batches/${batchId}`).catch(() => undefined);
    if (answer?.status === 404) onGone();
    else setTimeout(() => !isOver && open(), Math.min(10_000, PAUSE_MS * 2 ** failures));
  };
  open();
  return () => {
    isOver = true;
    source.close();
  };
}

/** A version 4 UUID. `crypto.randomUUID` is missing where the page comes over plain HTTP from another machine. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
