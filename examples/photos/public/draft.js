import { Choices, problemOf } from "./choices.js";
import { bytesText, element } from "./dom.js";
import { markRegions } from "./marker.js";

export const FILE_BYTES_MAX = 40 * 1024 * 1024;
const TYPES = new Set(["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/tiff"]);

/** A photo that was chosen and is not yet sent: its card, its operations, and its upload's progress. */
export class Draft {
  #url;
  #choices;
  #note = element("p", { className: "note bad", hidden: true, role: "alert" });
  #bar = element("progress", { max: 1, value: 0, hidden: true, "aria-label": "Upload" });
  #remove;

  /** @param {File} file */
  constructor(file, { operations, onChange, onRemove }) {
    this.file = file;
    this.operations = operations;
    this.contentType = TYPES.has(file.type) ? file.type : "application/octet-stream";
    this.#url = URL.createObjectURL(file);
    const change = (next) => {
      this.operations = next;
      this.#showProblem();
      onChange();
    };
    const mark = (what, regions) => markRegions({ url: this.#url, what, regions });
    this.#choices = new Choices({ operations, mark, onChange: change });
    this.#remove = element(
      "button",
      { type: "button", className: "remove", "aria-label": `Remove ${file.name}`, onclick: () => onRemove(this) },
      "×",
    );
    this.node = this.#card();
    this.#showProblem();
  }

  /** What keeps the photo from being sent, in words. */
  get problem() {
    if (this.file.size === 0) return "The file is empty.";
    if (this.file.size > FILE_BYTES_MAX)
      return `The file has ${bytesText(this.file.size)}; at most ${bytesText(FILE_BYTES_MAX)} are accepted.`;
    return problemOf(this.operations);
  }

  /** Takes over operations that need no mark, and keeps the marked ones. */
  apply(shared) {
    const { redEye, teeth } = this.operations;
    this.operations = { ...shared, ...(redEye && { redEye }), ...(teeth && { teeth }) };
    this.#choices.set(this.operations);
    this.#showProblem();
  }

  /** @param {number} fraction of the upload. */
  showUpload(fraction) {
    this.#bar.hidden = false;
    this.#bar.value = fraction;
    this.#remove.hidden = true;
    this.#choices.node.inert = true;
  }

  /** The upload failed; the photo can be sent again. */
  showFailure(text) {
    this.#bar.hidden = true;
    this.#remove.hidden = false;
    this.#choices.node.inert = false;
    this.#note.textContent = text;
    this.#note.hidden = false;
  }

  dispose() {
    URL.revokeObjectURL(this.#url);
    this.node.remove();
  }

  #showProblem() {
    const { problem } = this;
    this.#note.textContent = problem ?? "";
    this.#note.hidden = problem === undefined;
  }

  #card() {
    const { file } = this;
    const shot = element("div", { className: "shot" });
    const image = element("img", { src: this.#url, alt: `Preview of ${file.name}` });
    image.addEventListener("error", () => shot.replaceChildren(noPreview(file.name)));
    shot.append(image);
    const title = element("div", { className: "title" }, element("h3", { title: file.name }, file.name));
    title.append(element("span", { className: "muted" }, bytesText(file.size)), this.#remove);
    const body = element("div", { className: "body" }, title, this.#choices.node, this.#note, this.#bar);
    return element("li", { className: "photo" }, element("div", { className: "shots" }, shot), body);
  }
}

/** What stands where a file has no picture. */
export function noPreview(name, text = "No preview") {
  const ending = /\.([^.]{1,5})$/u.exec(name)?.[1]?.toUpperCase() ?? "?";
  return element("span", { className: "none" }, element("span", { className: "ending" }, ending), text);
}
