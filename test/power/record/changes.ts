import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { TOP, type Change } from "../disk/change.ts";
import { UnreadableLog, type Argument, type SystemCall } from "./strace-log.ts";

/** Every system call by which a process can change a disk. A call on the disk of one that the reader does not know is an error. */
export const TRACED = [
  ..."open openat openat2 creat close dup dup2 dup3 lseek write pwrite64 writev pwritev pwritev2 truncate ftruncate fallocate".split(" "),
  ..."fsync fdatasync sync sync_file_range syncfs rename renameat renameat2 unlink unlinkat link linkat symlink symlinkat".split(" "),
  ..."mkdir mkdirat rmdir copy_file_range sendfile splice mmap clone clone3 fork vfork".split(" "),
] as const;

/** SQLite's shared memory: nothing in it outlives the process, and it is made anew. */
const IN_MEMORY = /-shm$/;

interface Node {
  readonly file: number;
  /** Of a directory. */
  readonly entries: Map<string, Node> | undefined;
}

type Descriptor = { readonly node: Node; position: number } | "marks";

const MAKES_PROCESS = /^(?:clone3?|v?fork)$/;

/** Makes of the system calls of a process what they change on one disk: everything below a directory. */
export class ChangeReader {
  readonly #root: string;
  readonly #marks: string;
  readonly #top: Node = { file: TOP, entries: new Map() };
  /** Of each process, by number. Another program inherits none: all are closed where one begins. */
  #descriptors = new Map<string, Descriptor>();
  #files = TOP;
  #changes: Change[] = [];
  /** Of each change, the line at which its call ended. */
  #ends: number[] = [];
  /** Changes whose call others interrupted in the log. */
  #interrupted: number[] = [];
  #lines: number[] = [];

  /** @param places absolute paths: `root`, the top of the disk; `marks`, the file that the process writes its marks to. */
  constructor(places: { root: string; marks: string }) {
    this.#root = places.root;
    this.#marks = places.marks;
  }

  /** What is there before the process starts, as the changes that make it. */
  base(): Change[] {
    this.#scan(this.#root, this.#top);
    return this.#taken();
  }

  /** To be called once for each process, in turn. @throws {UnreadableLog} */
  read(calls: readonly SystemCall[]): Change[] {
    const processes = processesOf(calls);
    const tables = new Map<number, Map<string, Descriptor>>();
    const inOrder = calls.filter(({ result }) => !(result < 0)).map((call) => ({ call, line: placeOf(call) }));
    inOrder.sort((a, b) => a.line - b.line);
    for (const { call, line } of inOrder) {
      if (line === Infinity) break;
      if (line < call.endedLine && this.#isTooEarly(call)) {
        const next = inOrder.findIndex((other) => other.line > call.endedLine);
        inOrder.splice(next === -1 ? inOrder.length : next, 0, { call, line: call.endedLine });
        continue;
      }
      const process = processes.get(call.process) ?? call.process;
      this.#descriptors = tables.get(process) ?? new Map<string, Descriptor>();
      tables.set(process, this.#descriptors);
      this.#readCall(call, line);
    }
    return this.#taken();
  }

  #taken(): Change[] {
    const changes = this.#changes;
    this.#changes = [];
    this.#ends = [];
    this.#lines = [];
    this.#interrupted = [];
    return changes;
  }

  #scan(path: string, node: Node): void {
    for (const name of readdirSync(path).sort()) {
      if (IN_MEMORY.test(name)) continue;
      const below = join(path, name);
      const kind = statSync(below).isDirectory() ? "directory" : "file";
      const made = this.#make(node, name, kind);
      if (kind === "directory") this.#scan(below, made);
      else this.#changes.push({ do: "write", file: made.file, offset: 0, bytes: readFileSync(below) });
    }
  }

  #make(parent: Node, name: string, kind: "file" | "directory"): Node {
    const node: Node = { file: (this.#files += 1), entries: kind === "directory" ? new Map() : undefined };
    parent.entries?.set(name, node);
    this.#changes.push({ do: "make", file: node.file, kind, in: parent.file, name });
    return node;
  }

  #readCall(call: SystemCall, line: number): void {
    const before = this.#changes.length;
    const { name, arguments: args } = call;
    switch (name) {
      case "openat":
      case "open":
      case "creat":
        this.#open(call);
        break;
      case "close":
        this.#descriptors.delete(textOf(args, 0));
        break;
      case "mkdir":
      case "mkdirat":
      case "unlink":
      case "unlinkat":
      case "rmdir":
      case "rename":
      case "renameat":
      case "renameat2":
        this.#name(call);
        break;
      case "mmap":
        this.#map(args);
        break;
      default:
        this.#useDescriptor(call);
    }
    for (let at = before; at < this.#changes.length; at += 1) {
      if (call.endedLine !== line) this.#interrupted.push(at);
      this.#ends.push(call.endedLine);
      this.#lines.push(line);
    }
  }

  #open({ name, arguments: args, result }: SystemCall): void {
    const path = pathOf(args, name === "openat" ? 1 : 0);
    const flags = textOf(args, name === "openat" ? 2 : 1);
    if (path === this.#marks) return void this.#descriptors.set(String(result), "marks");
    const place = this.#below(textOf(args, 0), path) ?? this.#place(path);
    if (place === undefined) return;
    const existing = place === "top" ? this.#top : place.parent.entries?.get(place.name);
    const node = existing ?? (place === "top" ? this.#top : this.#make(place.parent, place.name, "file"));
    if (existing === undefined && !flags.includes("O_CREAT")) throw new UnreadableLog(`${path} was opened, but is not known to be there`);
    if (existing !== undefined && flags.includes("O_TRUNC")) this.#changes.push({ do: "truncate", file: node.file, size: 0 });
    if (flags.includes("O_APPEND") || flags.includes("O_DIRECT ")) throw new UnreadableLog(`${path} was opened with ${flags}`);
    this.#descriptors.set(String(result), { node, position: 0 });
  }

  /** A directory was to be made below one that another thread has made meanwhile: it is there when the call has returned. */
  #isTooEarly({ name, arguments: args }: SystemCall): boolean {
    const path = pathOf(args, name === "mkdirat" ? 1 : 0);
    if (!name.startsWith("mkdir") || !path.startsWith(`${this.#root}/`)) return false;
    return this.#find(namesIn(path.slice(this.#root.length)).slice(0, -1)) === undefined;
  }

  /** Calls that make, remove or change names. */
  #name({ name, arguments: args }: SystemCall): void {
    const paths = args.flatMap(({ strings }) => strings.map(String));
    const place = this.#below(textOf(args, 0), paths[0] ?? "") ?? this.#place(paths[0] ?? "");
    const target = paths[1] === undefined ? undefined : this.#place(paths[1]);
    if (place === undefined && target === undefined) return;
    if (place === undefined || place === "top" || target === "top") throw new UnreadableLog(`${name} across the disk: ${paths.join(", ")}`);
    if (name.startsWith("mkdir")) return void this.#make(place.parent, place.name, "directory");
    const node = place.parent.entries?.get(place.name);
    if (node === undefined) throw new UnreadableLog(`${name} of what is not there: ${paths[0]}`);
    place.parent.entries?.delete(place.name);
    if (target === undefined) return void this.#changes.push({ do: "remove", in: place.parent.file, name: place.name });
    target.parent.entries?.set(target.name, node);
    const from = { in: place.parent.file, name: place.name };
    this.#changes.push({ do: "rename", file: node.file, from, in: target.parent.file, name: target.name });
  }

  #map(args: readonly Argument[]): void {
    const shared = textOf(args, 2).includes("PROT_WRITE") && textOf(args, 3).includes("MAP_SHARED");
    if (shared && this.#descriptors.has(textOf(args, 4))) throw new UnreadableLog("a file of the disk is written through memory");
  }

  #useDescriptor(call: SystemCall): void {
    const { name, arguments: args, result } = call;
    if (name === "sync") throw new UnreadableLog(`${name} is not understood`);
    const descriptor = this.#descriptors.get(textOf(args, 0));
    if (descriptor === undefined) return;
    if (descriptor === "marks") {
      for (const text of Buffer.concat(args[1]?.strings ?? [])
        .toString()
        .split("\n"))
        if (text !== "") this.#changes.push({ do: "mark", text });
      return;
    }
    const { file } = descriptor.node;
    const write = (offset: number) => {
      const bytes = Buffer.concat(args[1]?.strings ?? []).subarray(0, result);
      this.#changes.push({ do: "write", file, offset, bytes });
      return bytes.length;
    };
    switch (name) {
      case "pwrite64":
      case "pwritev":
        write(Number(textOf(args, 3)));
        break;
      case "write":
      case "writev":
        descriptor.position += write(descriptor.position);
        break;
      case "lseek":
        descriptor.position = result;
        break;
      case "ftruncate":
        this.#changes.push({ do: "truncate", file, size: Number(textOf(args, 1)) });
        break;
      case "fsync":
      case "fdatasync":
        this.#sync(file, call.beganLine);
        break;
      default:
        throw new UnreadableLog(`${name} is not understood`);
    }
  }

  #sync(file: number, beganLine: number): void {
    let before = this.#changes.length;
    while (before > 0 && (this.#lines[before - 1] ?? 0) >= beganLine) before -= 1;
    const except = this.#interrupted.filter((at) => at < before && (this.#ends[at] ?? 0) > beganLine);
    this.#changes.push({ do: "sync", file, before, except });
  }

  /** A name in a directory that is open. */
  #below(descriptor: string, name: string): { readonly parent: Node; readonly name: string } | undefined {
    const found = this.#descriptors.get(descriptor);
    if (found === undefined || found === "marks" || found.node.entries === undefined || name.startsWith("/")) return undefined;
    return { parent: found.node, name };
  }

  #place(path: string): { readonly parent: Node; readonly name: string } | "top" | undefined {
    if (path === this.#root) return "top";
    if (!path.startsWith(`${this.#root}/`) || IN_MEMORY.test(path)) return undefined;
    const names = namesIn(path.slice(this.#root.length));
    const last = names.pop() ?? "";
    const parent = this.#find(names);
    if (parent === undefined) throw new UnreadableLog(`${path} is in a directory that is not known`);
    return { parent, name: last };
  }

  #find(names: readonly string[]): Node | undefined {
    let found: Node | undefined = this.#top;
    for (const name of names) found = name === ".." ? undefined : found?.entries?.get(name);
    return found;
  }
}

function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** The process of each thread, by the calls that have made both. */
function processesOf(calls: readonly SystemCall[]): Map<number, number> {
  const processes = new Map<number, number>();
  for (const { name, process, arguments: args, result } of calls.toSorted((a, b) => a.beganLine - b.beganLine)) {
    if (!MAKES_PROCESS.test(name) || !(result > 0)) continue;
    const isThread = args.some(({ text }) => text.includes("CLONE_THREAD"));
    processes.set(result, isThread ? (processes.get(process) ?? process) : result);
  }
  return processes;
}

/** Where in the log a call takes effect: one that gives a number to a file, or makes durable, when it has returned. */
function placeOf({ name, beganLine, endedLine }: SystemCall): number {
  return /^(open|openat|creat|fsync|fdatasync|lseek)$/.test(name) ? endedLine : beganLine;
}

function textOf(args: readonly Argument[], index: number): string {
  return args[index]?.text ?? "";
}

function pathOf(args: readonly Argument[], index: number): string {
  return args[index]?.strings[0]?.toString() ?? "";
}
