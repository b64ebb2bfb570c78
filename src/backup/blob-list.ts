import { Damaged, type ManifestFile } from "./manifest.ts";
import { verified } from "./digested.ts";
import type { Place } from "./place.ts";

/** A blob as a backup lists it. */
export interface ListedBlob {
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
}

export function blobPath(id: string): string {
  return `blobs/${id.slice(0, 2)}/${id}`;
}

export function blobLine({ id, bytes, sha256 }: ListedBlob): string {
  return `${id} ${bytes} ${sha256}\n`;
}

/** As a file that can be read and verified. */
export function fileOf({ id, bytes, sha256 }: ListedBlob): ManifestFile {
  return { path: blobPath(id), bytes, sha256 };
}

/** The blobs of a backup, ascending. @throws {Damaged} at the end, should the list not be what was written. */
export async function* readBlobList(place: Place, list: ManifestFile): AsyncIterable<ListedBlob> {
  let rest = "";
  for await (const piece of verified(await place.read(list.path), list)) {
    const lines = (rest + Buffer.from(piece).toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield blobOf(line, list.path);
  }
  if (rest !== "") throw new Damaged(list.path, "its last line is cut");
}

function blobOf(line: string, path: string): ListedBlob {
  const [, id, bytes, sha256] = /^([0-9a-f]{32}) (\d{1,15}) ([0-9a-f]{64})$/.exec(line) ?? [];
  if (id === undefined || bytes === undefined || sha256 === undefined) throw new Damaged(path, "it has a line that means nothing");
  return { id, bytes: Number(bytes), sha256 };
}
