import type { Violation } from "../check/verdict.ts";

/** A mistake that somebody could have made: other text in one file of the product, while it is loaded to be recorded. */
export interface Fault {
  readonly name: string;
  /** From the root. */
  readonly file: string;
  /** What stands in the file exactly once, and what instead. */
  readonly edits: readonly (readonly [text: string, instead: string])[];
  /** During which it shows, and as what. */
  readonly scenario: string;
  readonly shows: Violation["kind"];
}

/** Whoever changes such a line changes it here, too: `planted.test.ts` says where. */
export const FAULTS: readonly Fault[] = [
  {
    name: "a commit does not wait for the disk",
    file: "src/storage/sqlite/open.ts",
    edits: [['exec("PRAGMA wal_autocheckpoint = 0")', 'exec("PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = NORMAL")']],
    scenario: "queues",
    shows: "lost",
  },
  {
    name: "units are answered before their commit",
    file: "src/storage/sqlite/engine.ts",
    edits: [['      database.exec("COMMIT");\n', '      this.#answer(outcomes);\n      database.exec("COMMIT");\n']],
    scenario: "queues",
    shows: "lost",
  },
  {
    name: "the directories above the data directory are not fsynced",
    file: "src/storage/sqlite/open.ts",
    edits: [["  syncDirectory(directory);\n  const parent", "  syncDirectory(directory);\n  return;\n  const parent"]],
    scenario: "first start",
    shows: "lost",
  },
  {
    name: "tables are brought up to date in one transaction, and their version in another",
    file: "src/storage/sqlite/open.ts",
    edits: [
      [
        '      write.run(service, index + 1);\n      connection.exec("COMMIT");',
        '      connection.exec("COMMIT");\n      write.run(service, index + 1);',
      ],
    ],
    scenario: "first start",
    shows: "corrupt",
  },
  {
    name: "a blob's directory is not fsynced after its rename",
    file: "src/services/objects/drivers/blob-files.ts",
    edits: [['      await syncDirectory(join(this.#final, ".."));\n', ""]],
    scenario: "objects",
    shows: "corrupt",
  },
  {
    name: "a blob's bytes are not fsynced",
    file: "src/services/objects/drivers/blob-files.ts",
    edits: [["      await this.#file.sync();\n", ""]],
    scenario: "objects",
    shows: "corrupt",
  },
  {
    name: "an object is committed in one unit, and the message about it in another",
    file: "src/services/objects/actions/commit.ts",
    edits: [
      [
        "  const results = await storage.unit([...calls, ...deliveries.flatMap(({ call }) => call ?? [])]);",
        "  const results = await storage.unit(calls);\n  for (const { call } of deliveries) if (call !== undefined) results.push(...(await storage.unit([call])));",
      ],
    ],
    scenario: "objects",
    shows: "never so",
  },
  {
    name: "a place of backups has a name that is not fsynced",
    file: "src/backup/directory-place.ts",
    edits: [["    syncNames(resolve(this.#root));\n", ""]],
    scenario: "backups",
    shows: "lost",
  },
  {
    name: "the files of a backup are not fsynced",
    file: "src/backup/directory-place.ts",
    edits: [
      [
        "    for await (const piece of bytes) await file.writeFile(piece);\n    await file.sync();\n",
        "    for await (const piece of bytes) await file.writeFile(piece);\n",
      ],
    ],
    scenario: "backups",
    shows: "corrupt",
  },
  {
    name: "the directories above a restored one are not fsynced",
    file: "src/backup/restore.ts",
    edits: [["    syncNames(dirname(directory));", "    await syncDirectory(dirname(directory));"]],
    scenario: "a restore",
    shows: "lost",
  },
];
