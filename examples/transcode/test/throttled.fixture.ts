import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * An ffmpeg that notes each run, reads slower than the media plays, and when it has made its output waits for a gate: a short file
 * is a long job, and no job ends before the test has done what it does meanwhile.
 */
const SCRIPT = `#!/bin/sh
for last; do :; done
echo "$last" >>"$THROTTLED_FOLDER/runs"
PATH=\${PATH#"$THROTTLED_FOLDER":}
ffmpeg -readrate 0.7 "$@"
code=$?
while [ ! -e "$THROTTLED_FOLDER/gate" ]; do sleep 0.05; done
exit $code
`;

export interface Throttled {
  /** The environment in which this ffmpeg is the first to be found. */
  readonly env: Readonly<Record<string, string>>;
  /** How often ffmpeg was begun. */
  runs(): number;
  open(): void;
}

export function throttled(folder: string): Throttled {
  writeFileSync(join(folder, "ffmpeg"), SCRIPT, { mode: 0o755 });
  writeFileSync(join(folder, "runs"), "");
  return {
    env: { PATH: `${folder}${delimiter}${process.env["PATH"] ?? ""}`, THROTTLED_FOLDER: folder },
    runs: () => readFileSync(join(folder, "runs"), "utf8").split("\n").length - 1,
    open: () => writeFileSync(join(folder, "gate"), ""),
  };
}
