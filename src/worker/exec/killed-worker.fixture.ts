/**
 * A worker's process that a test kills: runs the command that it is given, as a handler would, for ever.
 *
 *     node killed-worker.fixture.ts CMD…
 */
import { notedContext } from "../noted-context.fixture.ts";
import { execHandler } from "./handler.ts";

await execHandler({ command: process.argv.slice(2) })("", notedContext().ctx);
