import { announce, byId, element } from "./dom.js";

const TITLES = {
  eyes: "Mark the eyes",
  teeth: "Mark the teeth",
};
const HELP = {
  eyes: "Draw a box around the red eyes, one for each or one around both. Only the red within is changed.",
  teeth: "Draw a box around the mouth. Only teeth within are whitened; lips and skin stay as they are.",
};
const REGIONS_MAX = 16;
const SIDE_MIN = 0.012;
const KEY_STEP = 0.01;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Fractions of the photo, kept within it. */
function within({ left, top, width, height }) {
  const wide = clamp(width, SIDE_MIN, 1);
  const high = clamp(height, SIDE_MIN, 1);
  return { left: clamp(left, 0, 1 - wide), top: clamp(top, 0, 1 - high), width: wide, height: high };
}

/**
 * Lets a person mark regions by dragging, or with the keyboard: arrows move a mark, with Shift they change its size, Delete
 * removes it.
 * @param {{ url: string, what: "eyes" | "teeth", regions: object[] }} photo
 * @returns {Promise<object[]>} the marked regions once the dialog is closed.
 */
export function markRegions({ url, what, regions }) {
  byId("marker-title").textContent = TITLES[what];
  byId("marker-help").textContent = HELP[what];
  const marker = new Marker(url, regions);
  const dialog = byId("marker");
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(marker.end()), { once: true }));
}

class Marker {
  #canvas = byId("marker-canvas");
  #image;
  #regions;
  #over = new AbortController();

  constructor(url, regions) {
    this.#regions = regions.map((region) => ({ ...region }));
    this.#image = element("img", { src: url, alt: "The photo to mark", draggable: false });
    this.#on(this.#canvas, "pointerdown", (event) => event.button === 0 && this.#drag(event));
    this.#on(this.#canvas, "keydown", (event) => this.#press(event));
    this.#on(byId("marker-add"), "click", () => this.#add({ left: 0.4, top: 0.4, width: 0.2, height: 0.2 }));
    this.#on(byId("marker-clear"), "click", () => this.#set([]));
    this.#show();
  }

  /** @returns the regions. */
  end() {
    this.#over.abort();
    this.#canvas.replaceChildren();
    return this.#regions;
  }

  #on(target, type, listener) {
    target.addEventListener(type, listener, { signal: this.#over.signal });
  }

  #set(regions, focused) {
    this.#regions = regions;
    announce(`${regions.length} marked.`);
    this.#show(focused);
  }

  #add(region) {
    if (this.#regions.length < REGIONS_MAX) this.#set([...this.#regions, within(region)], this.#regions.length);
  }

  #show(focused) {
    const nodes = this.#regions.map((region, index) => {
      const label = `Mark ${index + 1} of ${this.#regions.length}. Arrows move it, with Shift they resize it, Delete removes it.`;
      const node = element("button", { type: "button", className: "region", "aria-label": label });
      node.dataset.index = String(index);
      return place(node, region);
    });
    this.#canvas.replaceChildren(this.#image, ...nodes);
    nodes[focused]?.focus();
  }

  #pointAt(event) {
    const box = this.#canvas.getBoundingClientRect();
    return { x: clamp((event.clientX - box.left) / box.width, 0, 1), y: clamp((event.clientY - box.top) / box.height, 0, 1) };
  }

  /** On a mark a drag moves it, elsewhere it draws a new one. */
  #drag(event) {
    event.preventDefault();
    const index = Number(event.target.dataset.index ?? -1);
    const from = this.#pointAt(event);
    const mark = this.#regions[index];
    if (mark === undefined)
      this.#follow(event, {
        node: this.#canvas.appendChild(element("div", { className: "region" })),
        regionAt: (to) => between(from, to),
        end: (region) => this.#drawn(region),
      });
    else {
      event.target.focus();
      const regionAt = (to) => within({ ...mark, left: mark.left + to.x - from.x, top: mark.top + to.y - from.y });
      this.#follow(event, { node: event.target, regionAt, end: (region) => (this.#regions = this.#regions.with(index, region)) });
    }
  }

  #follow(event, { node, regionAt, end }) {
    const gesture = new AbortController();
    let region = regionAt(this.#pointAt(event));
    const move = (next) => {
      region = regionAt(this.#pointAt(next));
      place(node, region);
    };
    const stop = () => {
      gesture.abort();
      end(region);
    };
    this.#canvas.setPointerCapture(event.pointerId);
    this.#canvas.addEventListener("pointermove", move, { signal: gesture.signal });
    this.#canvas.addEventListener("pointerup", stop, { signal: gesture.signal });
    this.#canvas.addEventListener("pointercancel", stop, { signal: gesture.signal });
  }

  /** A click without a drag marks nothing. */
  #drawn(region) {
    if (region.width >= SIDE_MIN && region.height >= SIDE_MIN) this.#add(region);
    else this.#show();
  }

  #press(event) {
    const index = Number(event.target.dataset.index ?? -1);
    const region = this.#regions[index];
    if (region === undefined) return;
    const [x, y] = ARROWS[event.key] ?? [0, 0];
    const isDelete = event.key === "Delete" || event.key === "Backspace";
    if (!isDelete && x === 0 && y === 0) return;
    event.preventDefault();
    if (isDelete) {
      this.#set(this.#regions.toSpliced(index, 1), Math.min(index, this.#regions.length - 2));
      return;
    }
    const moved = { ...region, left: region.left + x * KEY_STEP, top: region.top + y * KEY_STEP };
    const resized = { ...region, width: region.width + x * KEY_STEP, height: region.height + y * KEY_STEP };
    this.#regions = this.#regions.with(index, within(event.shiftKey ? resized : moved));
    place(event.target, this.#regions[index]);
  }
}

function place(node, { left, top, width, height }) {
  Object.assign(node.style, { left: `${left * 100}%`, top: `${top * 100}%`, width: `${width * 100}%`, height: `${height * 100}%` });
  return node;
}

/** The rectangle that two corners span. */
function between(one, other) {
  const { min, abs } = Math;
  return { left: min(one.x, other.x), top: min(one.y, other.y), width: abs(one.x - other.x), height: abs(one.y - other.y) };
}
