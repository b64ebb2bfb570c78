/**
 * Makes an element. Children that are text become text nodes: nothing that a person or a file name says is ever read as HTML.
 * @param {string} name
 * @param {Record<string, any>} properties set as properties where the element has them, else as attributes; `on…` are listeners.
 * @param {...(Node | string | undefined)} children
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key in made) made[key] = value;
    else made.setAttribute(key, value === true ? "" : `${value}`);
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** @param {string} id of an element that is in the page. */
export function byId(id) {
  return document.getElementById(id);
}

/** Says something to people who do not see the page. */
export function announce(text) {
  byId("live").textContent = text;
}

export function bytesText(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function countText(count, one, many = `${one}s`) {
  return `${count} ${count === 1 ? one : many}`;
}
