import { labelsOf } from "./choices.js";
import { bytesText, element } from "./dom.js";
import { noPreview } from "./draft.js";
import { view } from "./viewer.js";

const STAGE_LABELS = {
  queued: "Queued",
  "server-a": "Server A",
  waiting: "Waiting",
  "server-b": "Server B",
  done: "Done",
  unusable: "Unusable",
  failed: "Failed",
};
const ORDER = ["queued", "server-a", "waiting", "server-b", "done"];
const RESULT_LABELS = { photo: "Photo", thumbnail: "Thumbnail" };

export const isOver = ({ stage }) => stage === "done" || stage === "unusable" || stage === "failed";

/** A photo that was sent: where it is on its way, and what came out. */
export class PhotoCard {
  #photo;
  #base;
  #shots = element("div", { className: "shots" });
  #state = element("div", { className: "state" });
  #shown = "";

  constructor(batchId, photo) {
    this.#base = `/api/batches/${batchId}/photos/${photo.photoId}`;
    this.#photo = photo;
    const title = element("div", { className: "title" }, element("h3", { title: photo.name }, photo.name));
    const body = element(
      "div",
      { className: "body" },
      title,
      element("p", { className: "muted" }, labelsOf(photo.operations).join(" · ")),
      this.#state,
    );
    this.node = element("li", { className: "photo" }, this.#shots, body);
    this.update(photo);
  }

  get photo() {
    return this.#photo;
  }

  update(photo) {
    this.#photo = photo;
    this.node.dataset.stage = photo.stage;
    this.node.classList.toggle("done", photo.stage === "done");
    // Pictures are set once for each outcome, so that they do not flicker while the bar moves.
    const shots = isOver(photo) ? photo.stage : "on its way";
    if (shots !== this.#shown) this.#shots.replaceChildren(...this.#shotsOf(photo));
    this.#shown = shots;
    this.#state.replaceChildren(...this.#stateOf(photo));
  }

  #shotsOf(photo) {
    const before = `${this.#base}/original`;
    const [result] = photo.results ?? [];
    if (result === undefined) return [this.#shot({ src: before, label: isOver(photo) ? undefined : "Before" })];
    const after = `${this.#base}/${result.name}.jpg`;
    const open = () => view({ name: photo.name, before, after, download: `${after}?download` });
    return [this.#shot({ src: before, label: "Before", open }), this.#shot({ src: after, label: "After", open })];
  }

  #shot({ src, label, open }) {
    const image = element("img", {
      src,
      alt: `${this.#photo.name}${label === undefined ? "" : `, ${label.toLowerCase()}`}`,
      decoding: "async",
      loading: "lazy",
    });
    const node =
      open === undefined ? element("div", { className: "shot" }) : element("button", { type: "button", className: "shot", onclick: open });
    image.addEventListener("error", () => image.replaceWith(noPreview(this.#photo.name)));
    node.append(image);
    if (label !== undefined) node.append(element("span", { className: "label" }, label));
    return node;
  }

  #stateOf(photo) {
    const { stage, text, results = [] } = photo;
    if (stage === "unusable" || stage === "failed")
      return [element("p", { className: "note bad" }, element("b", {}, `${STAGE_LABELS[stage]}. `), text ?? "")];
    if (stage === "done") return [this.#downloads(results)];
    const line = element("div", { className: "state-line" });
    line.append(element("span", { className: "badge" }, STAGE_LABELS[stage]), element("span", { className: "step" }, photo.step));
    const bar = element("progress", { max: 1, value: photo.fraction, "aria-label": `Progress of ${photo.name}` });
    return [line, bar, this.#way(photo)];
  }

  /** The stations of this photo, with where it is. */
  #way({ stage, operations }) {
    const goesToB = operations.redEye !== undefined || operations.teeth !== undefined;
    const stations = ["queued", "server-a", ...(goesToB ? ["server-b"] : []), "done"];
    const place = ORDER.indexOf(stage);
    const items = stations.map((station) => {
      const at = ORDER.indexOf(station);
      const isHere = station === stage || (stage === "waiting" && station === "server-b");
      const className = isHere ? "here" : at < place ? "past" : "";
      return element("li", { className, "aria-current": isHere ? "step" : undefined }, STAGE_LABELS[station]);
    });
    return element("ol", { className: "way" }, ...items);
  }

  #downloads(results) {
    const links = results.map(({ name, width, height, bytes }) => {
      const text = `${RESULT_LABELS[name]} `;
      const link = element("a", { className: "button quiet", href: `${this.#base}/${name}.jpg?download`, download: "" }, text);
      link.append(element("span", { className: "muted" }, `${width} × ${height}, ${bytesText(bytes)}`));
      return link;
    });
    return element("div", { className: "downloads" }, ...links);
  }
}
