import { hash } from "node:crypto";

/** A file of a backup, by its path from the place's root. */
export interface ManifestFile {
  readonly path: string;
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
}

/**
 * What makes files a backup. It is written last: where there is no manifest there is no backup.
 *
 *     backups/<id>/manifest.json   this
 *     backups/<id>/database        the database of the server
 *     backups/<id>/blobs           a line for each blob that it refers to: id, bytes, SHA-256; ascending
 *     blobs/ab/ab12…               the blobs, shared by all backups of a place
 */
export interface Manifest {
  readonly format: "millrace-backup";
  /** What this release writes is 1; what is greater it does not read. */
  readonly version: number;
  readonly id: string;
  /** Everything that was acknowledged before is in the backup. ISO 8601. */
  readonly from: string;
  /** Nothing that was acknowledged after is in it: the moment by which it is asked for. */
  readonly to: string;
  /** Version of the server whose data it is. */
  readonly server: string;
  readonly database: ManifestFile;
  /** Rows of the database by table. */
  readonly rows: Readonly<Record<string, number>>;
  readonly blobs: ManifestFile & { readonly count: number; readonly blobBytes: number };
}

export const MANIFEST_VERSION = 1;

/** Where the files of a backup are. */
export function pathsOf(id: string): { readonly manifest: string; readonly database: string; readonly blobs: string } {
  const folder = `backups/${id}`;
  return { manifest: `${folder}/manifest.json`, database: `${folder}/database`, blobs: `${folder}/blobs` };
}

/** `20260102T150405.678Z-1a2b3c4d`: in the order of their times, and a name that every file system takes. */
export function backupId(toMs: number, suffix: string): string {
  return `${new Date(toMs).toISOString().replace(/[-:]/g, "")}-${suffix}`;
}

/** As JSON, with the digest of all that stands before it. */
export function printManifest(manifest: Manifest): string {
  const sha256 = hash("sha256", JSON.stringify(manifest));
  return `${JSON.stringify({ ...manifest, sha256 }, null, 2)}\n`;
}

/** @throws {Damaged} not one byte may differ from what was written. */
export function parseManifest(text: string, path: string): Manifest {
  let parsed: Manifest & { sha256?: string };
  try {
    parsed = JSON.parse(text) as Manifest & { sha256?: string };
  } catch {
    throw new Damaged(path, "it is not JSON any more");
  }
  const { sha256: _, ...manifest } = parsed;
  if (manifest.format === "millrace-backup" && manifest.version > MANIFEST_VERSION)
    throw new Damaged(
      path,
      `it was written by a later release (version ${manifest.version}, this one reads ${MANIFEST_VERSION}); use that release`,
    );
  if (printManifest(manifest) !== text) throw new Damaged(path, "it does not fit its own digest");
  const paths = pathsOf(manifest.id);
  // A copy under another name, or a path that leads out of the place.
  if (path !== paths.manifest || manifest.database.path !== paths.database || manifest.blobs.path !== paths.blobs)
    throw new Damaged(path, "it belongs to another folder");
  return manifest;
}

/** A file of a backup that is not what was written; the message names it. */
export class Damaged extends Error {
  override readonly name = "Damaged";
  readonly path: string;

  constructor(path: string, what: string) {
    super(`${path} is damaged: ${what}.`);
    this.path = path;
  }
}
