import type { ResultName } from "../jobs.ts";

const NAME_CHARACTERS_MAX = 80;

/**
 * The name under which a result is saved: that of the photo, without what could be a path, a device or a hidden file on any
 * system, and with the ending of what the file now is.
 */
export function resultFileName(photoName: string, result: ResultName): string {
  const base = photoName
    .replaceAll(/[\p{C}/\\:*?"<>|]/gu, "_")
    .replace(/\.[^.]{1,5}$/u, "")
    .replaceAll(/^[. ]+|[. ]+$/gu, "")
    .slice(0, NAME_CHARACTERS_MAX);
  const isDevice = /^(con|prn|aux|nul|com\d|lpt\d)$/i.test(base);
  const safe = isDevice ? `photo_${base}` : base || "photo";
  return result === "thumbnail" ? `${safe}-thumbnail.jpg` : `${safe}-processed.jpg`;
}

/** Makes names different from each other: a second `a.jpg` becomes `a (2).jpg`. */
export function distinct(): (name: string) => string {
  const taken = new Set<string>();
  return (name) => {
    const dot = name.lastIndexOf(".");
    let candidate = name;
    // Some file systems take names that differ in case only as the same.
    for (let count = 2; taken.has(candidate.toLowerCase()); count += 1) candidate = `${name.slice(0, dot)} (${count})${name.slice(dot)}`;
    taken.add(candidate.toLowerCase());
    return candidate;
  };
}
