import { byId } from "./dom.js";

/** Shows a photo large, before and after. @param {{ name: string, before: string, after: string, download: string }} photo */
export function view({ name, before, after, download }) {
  const dialog = byId("viewer");
  const image = byId("viewer-image");
  const buttons = { before: byId("viewer-before"), after: byId("viewer-after") };
  const show = (version) => {
    image.src = version === "before" ? before : after;
    image.alt = version === "before" ? `${name}, as it was` : `${name}, processed`;
    for (const [key, button] of Object.entries(buttons)) button.setAttribute("aria-pressed", String(key === version));
  };
  byId("viewer-title").textContent = name;
  byId("viewer-download").href = download;
  const closed = new AbortController();
  for (const [version, button] of Object.entries(buttons)) button.addEventListener("click", () => show(version), { signal: closed.signal });
  dialog.addEventListener("close", () => closed.abort(), { once: true });
  show("after");
  dialog.showModal();
}
