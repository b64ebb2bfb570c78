import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Database } from "../../../src/storage/sqlite/database.ts";
import type { StoreModule } from "../../../src/storage/sqlite/index.ts";
import { openDirectory, type OpenedDirectory } from "../../../src/storage/sqlite/open.ts";
import type { Chance } from "./chance.ts";
import type { FaultCounts, FaultKind } from "./faults.ts";

export interface DiskFaults {
  /** Of a commit that finds no space, and of one that fails for good. */
  full: number;
  error: number;
}

/** Moments of a commit: everything is written but COMMIT; COMMIT has returned and nobody is told yet. */
type CommitPoint = "written" | "committed";

/** Where the machine dies inside a commit. */
export type Death = Extract<FaultKind, "killed in a commit" | "killed between commit and answer" | "power cut in a commit">;

/** In memory where the system has such files: what a killed process leaves is the same, and an fsync costs nothing. */
const FILES = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

const DATABASE = "millrace.db";
const LOG = "millrace.db-wal";
/** SQLite's primary result codes. */
const FULL = 13;
const IOERR = 10;
const SYNCHRONOUS_FULL = 2;

/**
 * The file keeps the size of page that it is made with, whatever a server asks for. Most of its tables and indices hold a few
 * rows or none: with a server's pages of 8 KiB every start copied 650 KB, and every commit wrote eight times as much.
 */
const PAGE_BYTES = 1024;

/** Of the log, compared at once; so precisely a tear is where the last commit begins. */
const PIECE_BYTES = 512;

/**
 * The data directory of the simulated machine. Its files outlive the server: as they stand when that is killed, and with
 * what was being written torn when the power is cut.
 */
export class Disk {
  readonly #chance: Chance;
  readonly #counts: FaultCounts;
  readonly #faults: DiskFaults;
  readonly #onDeath: () => void;
  readonly #onTrouble: () => void;
  readonly #root = mkdtempSync(join(FILES, "millrace-simulation-"));
  #generation = 0;
  #opened: OpenedDirectory | undefined;
  #death: Death | undefined;
  #logBefore: Buffer = Buffer.alloc(0);
  #dead: OpenedDirectory[] = [];
  commits = 0;

  constructor(parts: { chance: Chance; counts: FaultCounts; faults: DiskFaults; onDeath: () => void; onTrouble: () => void }) {
    this.#chance = parts.chance;
    this.#counts = parts.counts;
    this.#faults = parts.faults;
    this.#onDeath = parts.onDeath;
    this.#onTrouble = parts.onTrouble;
  }

  get #directory(): string {
    return join(this.#root, String(this.#generation));
  }

  open(modules: readonly StoreModule[]): OpenedDirectory {
    this.#closeDead();
    this.#death = undefined;
    if (!existsSync(this.#directory)) {
      mkdirSync(this.#directory);
      writeFileSync(join(this.#directory, DATABASE), (empty ??= emptyDatabase(modules)));
    }
    const opened = openDirectory(this.#directory, modules);
    this.#opened = opened;
    this.#watch(opened);
    return opened;
  }

  /** Stands where the engine commits, and nowhere else. */
  #watch(opened: OpenedDirectory): void {
    const { database } = opened;
    const exec = (sql: string) => Database.prototype.exec.call(database, sql);
    database.exec = (sql) => {
      if (sql !== "COMMIT") return exec(sql);
      if (this.#opened === opened) this.#reached("written");
      exec(sql);
      if (this.#opened === opened) this.#reached("committed");
    };
  }

  /** What the opened database says of itself. */
  facts(): { journalMode: string; synchronous: number; integrity: string; sqliteVersion: string } {
    const pragma = (name: string) => this.#opened?.database.pragma(name);
    return {
      journalMode: String(pragma("journal_mode")),
      synchronous: Number(pragma("synchronous")),
      integrity: String(pragma("integrity_check")),
      sqliteVersion: process.versions["sqlite"] ?? "",
    };
  }

  /** Moves pages of the log into the database, as the checkpointer does off the committing thread. */
  checkpoint(): void {
    this.#opened?.database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  /** The machine is to die at the next commit, or is not any more. */
  dieAtCommit(death: Death | undefined): void {
    this.#death = death;
  }

  /** Where the disk fails, and the machine dies. */
  #reached(point: CommitPoint): void {
    const death = this.#death;
    if (point === "committed") this.commits += 1;
    if (death === "power cut in a commit" && point === "written") this.#logBefore = this.#log();
    if (death === "killed in a commit" && point === "written") return this.#die(death);
    if (death !== undefined && point === "committed") return this.#die(death);
    this.#mayFail(point);
  }

  #die(death: Death): void {
    this.#death = undefined;
    this.#counts.add(death);
    this.take({ powerCut: death === "power cut in a commit" });
    this.#onDeath();
  }

  #mayFail(point: CommitPoint): void {
    // What cannot be written is rolled back; only fsync may fail after everything was written.
    if (point === "written" && this.#chance.is(this.#faults.full)) {
      this.#counts.add("disk full");
      this.#onTrouble();
      throw Object.assign(new Error("database or disk is full"), { errcode: FULL });
    }
    if (!this.#chance.is(this.#faults.error / 2)) return;
    this.#counts.add("disk error");
    throw Object.assign(new Error("disk I/O error"), { errcode: IOERR });
  }

  /** The server is dead: the files as they stand are those that the next one finds. */
  take({ powerCut }: { powerCut: boolean }): void {
    const opened = this.#opened;
    if (opened === undefined) return;
    const synchronous = Number(opened.database.pragma("synchronous"));
    const before = this.#directory;
    this.#opened = undefined;
    this.#dead.push(opened);
    this.#generation += 1;
    mkdirSync(this.#directory);
    for (const file of [DATABASE, LOG]) if (existsSync(join(before, file))) copyFileSync(join(before, file), join(this.#directory, file));
    if (powerCut) this.#tear(synchronous);
  }

  /** What was not fsynced is lost in part. Under synchronous=FULL that is the commit under way, else all that is in the log. */
  #tear(synchronous: number): void {
    const log = join(this.#directory, LOG);
    const now = this.#log();
    const before = synchronous === SYNCHRONOUS_FULL ? this.#logBefore : Buffer.alloc(0);
    let from = 0;
    while (from < before.length && before.subarray(from, from + PIECE_BYTES).equals(now.subarray(from, from + PIECE_BYTES)))
      from += PIECE_BYTES;
    from = Math.min(from, before.length);
    const kept = this.#chance.between(from, now.length);
    const torn = Buffer.concat([now.subarray(0, kept), before.subarray(kept)]);
    writeFileSync(log, torn);
  }

  #log(): Buffer {
    const log = join(this.#directory, LOG);
    return existsSync(log) ? readFileSync(log) : Buffer.alloc(0);
  }

  /** The server has closed its files itself. */
  closed(): void {
    this.#opened = undefined;
  }

  /** Not while the dead server is still on the stack. */
  #closeDead(): void {
    for (const opened of this.#dead) {
      // SQLite does not fold the log into a file that is not there any more, and nobody will read it.
      if (opened.file !== undefined) unlinkSync(opened.file);
      opened.close();
    }
    this.#dead = [];
  }

  remove(): void {
    this.#closeDead();
    this.#opened?.close();
    rmSync(this.#root, { recursive: true });
  }
}

/** A database with its tables, made once: most of what a first start does. */
let empty: Buffer | undefined;

function emptyDatabase(modules: readonly StoreModule[]): Buffer {
  const directory = mkdtempSync(join(FILES, "millrace-simulation-"));
  const made = new DatabaseSync(join(directory, DATABASE));
  made.exec(`PRAGMA page_size = ${PAGE_BYTES}; VACUUM`);
  made.close();
  openDirectory(directory, modules).close();
  const database = readFileSync(join(directory, DATABASE));
  rmSync(directory, { recursive: true });
  return database;
}
