import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Reads `+ <group>` and `- <group>`, a line each. When its input ends, which it does however its worker dies, it ends the
 * groups that are left.
 */
const SCRIPT = `
groups=
while read -r sign group; do
  if [ "$sign" = + ]; then groups="$groups $group"; continue; fi
  left=
  for each in $groups; do [ "$each" = "$group" ] || left="$left $each"; done
  groups=$left
done
[ -n "$groups" ] || exit 0
for each in $groups; do kill -s TERM -- "-$each"; done
sleep 2
for each in $groups; do kill -s KILL -- "-$each"; done
`;

/**
 * Ends commands whose worker was killed and could not do so itself: a small shell that does nothing but wait for its
 * input to end. One for all commands of a worker, started with the first of them; it stands in a session of its own, so that no
 * Ctrl-C reaches it. A command that begins in the very instant of the kill can escape it, and so can one that leaves its process group.
 */
export class Guard {
  readonly #groups = new Set<number>();
  #shell: ChildProcess | undefined;

  watch(group: number): void {
    this.#groups.add(group);
    if (this.#shell === undefined) this.#start();
    else this.#tell(`+ ${group}\n`);
  }

  forget(group: number): void {
    this.#groups.delete(group);
    this.#tell(`- ${group}\n`);
  }

  #start(): void {
    const shell = spawn("/bin/sh", ["-c", SCRIPT, "millrace-guard"], { cwd: "/", detached: true, stdio: ["pipe", "ignore", "ignore"] });
    this.#shell = shell;
    // Without a shell commands still run; they are only not ended should their worker be killed.
    const gone = () => {
      if (this.#shell === shell) this.#shell = undefined;
    };
    shell.once("error", gone);
    shell.once("exit", gone);
    shell.stdin.on("error", gone);
    // It ends with this process, and must not keep it.
    shell.unref();
    (shell.stdin as Socket).unref();
    for (const group of this.#groups) this.#tell(`+ ${group}\n`);
  }

  #tell(line: string): void {
    this.#shell?.stdin?.write(line);
  }
}
