import { createInterface } from "node:readline/promises";
import { CommandFailed, EXIT } from "./failure.ts";

/**
 * Asks a person for a name before what cannot be undone. @returns false for any other answer, Ctrl-C or Ctrl-D.
 * @throws {CommandFailed} nobody is there to answer; `about` says of what.
 */
export async function isConfirmed(question: string, { answer, about }: { answer: string; about: string }): Promise<boolean> {
  if (!process.stdin.isTTY) throw new CommandFailed(`Nobody can be asked here whether ${about}; say --yes.`, EXIT.usage);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await asking.question(question)).trim() === answer;
  } catch {
    return false;
  } finally {
    asking.close();
  }
}
