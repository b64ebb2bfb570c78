import { kindOf } from "./direction.ts";
import { type Finding, type Import, isTest, lineAt, type SourceFile, type Tree } from "./source.ts";

interface Banned {
  readonly pattern: RegExp;
  readonly instead: string;
}

const CLOCK = "take nowMs as an argument, or a Clock from kernel/clock.ts";
const TIMER = "use Clock.after from kernel/clock.ts, so that tests own the time";
const CHANCE = "take a Random from kernel/random.ts";

const CLOCK_AND_CHANCE: readonly Banned[] = [
  { pattern: /\bDate\.now\b/g, instead: CLOCK },
  { pattern: /\bDate\(\s*\)/g, instead: CLOCK },
  { pattern: /\bTemporal\.Now\b/g, instead: CLOCK },
  { pattern: /\bperformance\.(?:now|timeOrigin)\b|\bhrtime\b|\bprocess\.uptime\b/g, instead: "use Clock.monotonicMs from kernel/clock.ts" },
  // A timeout of a socket or a server (`server.setTimeout`) is the platform's own, and no test waits for it.
  { pattern: /(?<!\.)\bset(?:Timeout|Interval)\b|\b(?:globalThis\.set(?:Timeout|Interval)|AbortSignal\.timeout)\b/g, instead: TIMER },
  { pattern: /\bMath\.random\b|\brandom(?:UUID|Bytes|Int|Fill|FillSync)\b|\bgetRandomValues\b/g, instead: CHANCE },
];

/** SQLite has a clock and dice of its own; engine time must come from the engine. */
const SQL_CLOCK_AND_CHANCE: readonly Banned[] = [
  {
    pattern: /\bCURRENT_(?:TIMESTAMP|TIME|DATE)\b|\b(?:unixepoch|julianday|datetime|strftime)\(/g,
    instead: "bind EnginePort.nowMs() as a parameter",
  },
  { pattern: /\brandom(?:blob)?\(/gi, instead: "bind a value from kernel/random.ts as a parameter" },
];

const IN_RULES: readonly Banned[] = [
  { pattern: /\b(?:await|async|Promise)\b/g, instead: "rules are synchronous; return the decision or a deadline" },
  { pattern: /\b(?:process|console|globalThis|fetch)\b(?!\s*:)/g, instead: "rules touch nothing outside; take the value as an argument" },
  {
    pattern: /\bnew (?:Type|Range)?Error\(/g,
    instead: "throw an error of the service's table, rules/errors.ts; for a bug use assert from kernel/assert.ts",
  },
];

/** What a rule may borrow from the platform: computations on its arguments. */
const PURE: Readonly<Record<string, readonly string[]>> = {
  "node:crypto": ["createHash", "createHmac", "hash", "timingSafeEqual"],
  "node:zlib": ["crc32"],
  "node:buffer": ["Buffer", "isAscii", "isUtf8"],
  "node:util": ["isDeepStrictEqual"],
};

/** Modules that reach outside the process or start another thread. */
const IO = /^node:(?:fs|net|http|https|http2|tls|dns|dgram|child_process|cluster|worker_threads|sqlite|os|process|repl|inspector)\b/;
const TIME_MODULES = /^node:(?:timers|perf_hooks)\b/;
const MAY_DO_IO = new Set(["engine", "store adapter", "drivers", "door", "server", "backup", "cli", "testing", "worker"]);

/** A package that does not stand here may not be imported by what is published; the folders are who owns it. */
const PACKAGES: readonly { readonly name: RegExp; readonly owners: RegExp }[] = [
  { name: /^saxes$/, owners: /^src\/wire\// },
  { name: /^@fastify\/busboy$/, owners: /^src\/(?:wire|server|services\/objects)\// },
  { name: /^commander$/, owners: /^src\/cli\// },
  { name: /^croner$/, owners: /^src\/worker\/cron\.ts$/ },
  { name: /^@opentelemetry\/api$/, owners: /^src\/worker\/tracing\.ts$/ },
  { name: /^yaml$/, owners: /^src\/worker\/push\// },
  { name: /^@(?:aws-sdk|smithy|aws-crypto)\//, owners: /^src\/(?:backup|cli|testing|worker)\// },
];

/** A clock read or the dice, outside the kernel. Tests too own their time: no real waits. */
export function clockAndChance(tree: Tree): Finding[] {
  return sources(tree)
    .filter((file) => kindOf(file.path) !== "kernel")
    .flatMap((file) => [
      ...search(file, CLOCK_AND_CHANCE),
      ...modules(file, TIME_MODULES, `${TIMER}; for durations Clock.monotonicMs`),
      ...(/\/stor(?:e|age)\//.test(file.path) ? search(file, SQL_CLOCK_AND_CHANCE, file.text) : []),
    ]);
}

/** A rule is a function of its arguments; a digest is about all that it may borrow. */
export function purity(tree: Tree): Finding[] {
  return sources(tree)
    .filter((file) => (kindOf(file.path)?.endsWith("rules") ?? false) && !isTest(file.path))
    .flatMap((file) => [...search(file, IN_RULES), ...file.imports.filter(isImpure).map((found) => impure(file.path, found))]);
}

function isImpure({ specifier, names }: Import): boolean {
  if (!specifier.startsWith("node:")) return false;
  return names === undefined || names.some((name) => PURE[specifier]?.includes(name) !== true);
}

function impure(path: string, { specifier, line, names }: Import): Finding {
  const what = names === undefined ? specifier : `${names.join(", ")} from ${specifier}`;
  return { path, line, message: `${what}: rules touch nothing outside; take the value as an argument, or list a pure computation in PURE` };
}

/** Effects stand at the edges, and each package has an owner. */
export function effects(tree: Tree): Finding[] {
  return sources(tree)
    .filter((file) => !isTest(file.path))
    .flatMap((file) => [
      ...(MAY_DO_IO.has(kindOf(file.path) ?? "")
        ? []
        : modules(file, IO, "effects belong in drivers/, storage/ or server/; pass in what they give")),
      ...file.imports.flatMap(({ specifier, line }) => packageFinding(file.path, specifier, line)),
    ]);
}

function packageFinding(path: string, specifier: string, line: number): Finding[] {
  if (/^(?:\.|node:)/.test(specifier)) return [];
  const known = PACKAGES.find(({ name }) => name.test(specifier));
  if (known?.owners.test(path)) return [];
  const message =
    known === undefined
      ? `${specifier} has no owner; use the platform, or give it a row in PACKAGES (test/tidy/words.ts) and a reason in docs/decisions/dependencies.md`
      : `${specifier} belongs to ${known.owners.source}; ask its owner for what is needed`;
  return [{ path, line, message }];
}

function sources(tree: Tree): SourceFile[] {
  return [...tree.values()].filter((file) => file.path.startsWith("src/"));
}

function search(file: SourceFile, banned: readonly Banned[], text = file.code): Finding[] {
  return banned.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map((match) => ({ path: file.path, line: lineAt(text, match.index), message: `${match[0]}: ${instead}` })),
  );
}

function modules(file: SourceFile, pattern: RegExp, instead: string): Finding[] {
  return file.imports
    .filter(({ specifier }) => pattern.test(specifier))
    .map(({ specifier, line }) => ({ path: file.path, line, message: `${specifier}: ${instead}` }));
}
