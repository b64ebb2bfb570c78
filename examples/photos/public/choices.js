import { countText, element } from "./dom.js";

const SHAPES = { square: "Square", portrait: "Portrait 4:5", landscape: "Landscape 3:2", wide: "Wide 16:9" };
const STYLES = { greyscale: "Black and white", sepia: "Sepia", vivid: "Vivid", muted: "Muted", tint: "Tint" };
const TINT = "#2f6f8f";

/** What each operation is when it is switched on. Those with a mark need a photo to mark. */
const OPERATIONS = [
  { name: "enhance", label: "Enhance", begin: () => true },
  { name: "crop", label: "Crop", begin: () => ({ shape: "square" }) },
  { name: "recolour", label: "Recolour", begin: () => ({ style: "vivid" }) },
  { name: "watermark", label: "Watermark", begin: () => ({ text: "© My photos" }) },
  { name: "thumbnail", label: "Thumbnail", begin: () => true },
  { name: "redEye", label: "Red eyes", marked: "eyes" },
  { name: "teeth", label: "White teeth", marked: "teeth" },
];

/** The labels of what was chosen, in the order of the chips. */
export function labelsOf(operations) {
  return OPERATIONS.filter(({ name }) => operations[name] !== undefined).map(({ label }) => label);
}

/** Chips to switch operations on and off, and under them the options of those that are on. */
export class Choices {
  #operations;
  #mark;
  #onChange;
  #boxes = new Map();
  #options = element("div", { className: "options" });

  /**
   * @param {{ operations: object, mark?: (what: string, regions: object[]) => Promise<object[]>, onChange: (operations: object) => void }} given
   *   `mark` lets a person mark regions on the photo; without it there are no operations that need marks.
   */
  constructor({ operations, mark, onChange }) {
    this.#operations = { ...operations };
    this.#mark = mark;
    this.#onChange = onChange;
    const chips = element("div", { className: "chips", role: "group", "aria-label": "Operations" });
    for (const operation of OPERATIONS) if (operation.marked === undefined || mark !== undefined) chips.append(this.#chip(operation));
    this.node = element("div", {}, chips, this.#options);
    this.#show();
  }

  set(operations) {
    this.#operations = { ...operations };
    this.#show();
  }

  #change(operations) {
    this.#operations = operations;
    this.#onChange(operations);
    this.#show();
  }

  #put(name, value) {
    this.#change({ ...this.#operations, [name]: value });
  }

  #remove(name) {
    const { [name]: _gone, ...others } = this.#operations;
    this.#change(others);
  }

  async #toggle({ name, begin, marked }, isOn) {
    if (!isOn) this.#remove(name);
    else if (marked === undefined) this.#put(name, begin());
    else await this.#remark(name, marked);
  }

  async #remark(name, marked) {
    const regions = await this.#mark(marked, this.#operations[name]?.regions ?? []);
    if (regions.length > 0) this.#put(name, { regions });
    else this.#remove(name);
  }

  #chip(operation) {
    const box = element("input", { type: "checkbox", onchange: (event) => void this.#toggle(operation, event.target.checked) });
    this.#boxes.set(operation.name, box);
    return element("label", { className: "chip", "data-operation": operation.name }, box, operation.label);
  }

  #show() {
    for (const [name, box] of this.#boxes) box.checked = this.#operations[name] !== undefined;
    // The options are made anew; whoever was using one by keyboard goes on there.
    const focused = this.#options.contains(document.activeElement) ? document.activeElement.name : undefined;
    this.#options.replaceChildren(...OPERATIONS.flatMap((operation) => this.#optionsOf(operation)));
    if (focused !== undefined) this.#options.querySelector(`[name="${focused}"]`)?.focus();
  }

  #optionsOf({ name, label, marked }) {
    const value = this.#operations[name];
    if (value === undefined) return [];
    if (name === "crop")
      return [
        this.#select("Crop to the subject", { name, value: value.shape, texts: SHAPES, onPick: (shape) => this.#put(name, { shape }) }),
      ];
    if (name === "recolour") return this.#recolourOptions(value);
    if (name === "watermark") return [this.#watermarkOption(value)];
    if (marked === undefined || this.#mark === undefined) return [];
    const text = `${label}: ${countText(value.regions.length, "mark")}`;
    const again = () => void this.#remark(name, marked);
    return [element("button", { type: "button", name, className: "button quiet", onclick: again }, text)];
  }

  #select(label, { name, value, texts, onPick }) {
    const items = Object.entries(texts).map(([key, text]) => element("option", { value: key, selected: key === value }, text));
    const choice = element("select", { name, onchange: (event) => onPick(event.target.value) }, ...items);
    return element("label", { className: "option" }, label, choice);
  }

  #recolourOptions({ style, colour = TINT }) {
    const onPick = (picked) => this.#put("recolour", picked === "tint" ? { style: picked, colour } : { style: picked });
    const select = this.#select("Recolour", { name: "style", value: style, texts: STYLES, onPick });
    if (style !== "tint") return [select];
    const pick = (event) => this.#put("recolour", { style: "tint", colour: event.target.value });
    const input = element("input", { type: "color", name: "colour", value: colour, onchange: pick });
    return [select, element("label", { className: "option" }, "Colour", input)];
  }

  #watermarkOption({ text }) {
    // Not shown anew while somebody types.
    const write = (event) => {
      this.#operations = { ...this.#operations, watermark: { text: event.target.value } };
      this.#onChange(this.#operations);
    };
    const input = element("input", { type: "text", name: "text", maxLength: 40, value: text, oninput: write, required: true });
    return element("label", { className: "option" }, "Text", input);
  }
}

/** What keeps the operations from being sent, in words; `undefined` when nothing does. */
export function problemOf(operations) {
  if (Object.keys(operations).length === 0) return "Choose at least one operation.";
  if (operations.watermark !== undefined && operations.watermark.text.trim() === "") return "The watermark needs a text.";
  return undefined;
}
