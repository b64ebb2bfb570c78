import { systemClock } from "../kernel/clock.ts";
import { EXIT } from "./failure.ts";
import { duration, note, plural, print, printJson, shown } from "./output.ts";
import { readOwnPage } from "./own-page.ts";
import type { Sqs } from "./sqs.ts";

/** A page as `/_millrace/queues/<account>/<name>/quarantine` answers it. */
interface Page {
  readonly messages: readonly {
    readonly sequence: number;
    readonly id: string | null;
    readonly damage: string;
    readonly sentMs: number;
    readonly receiveCount: number;
  }[];
  readonly more: boolean;
}

/** `millrace peek --quarantined`: damaged messages, with what is known of them; what their bodies have become is not shown. */
export async function peekQuarantined(sqs: Sqs, queue: string, { json }: { readonly json?: boolean }): Promise<void> {
  const queueUrl = await sqs.queueUrl(queue);
  const nowMs = systemClock().nowMs();
  let found = 0;
  let after = 0;
  for (let more = true; more;) {
    const page = (await readOwnPage(sqs, { queueUrl, name: "quarantine", parameters: { after: String(after) } })) as Page;
    for (const message of page.messages) {
      const { id, damage, sentMs, receiveCount } = message;
      if (json === true) printJson(message);
      else print(`-- ${shown(id ?? "(unknown)")}, ${damage}, sent ${duration(nowMs - sentMs)} ago, received ${receiveCount} times`);
      after = message.sequence;
    }
    found += page.messages.length;
    ({ more } = page);
  }
  if (found === 0) process.exitCode = EXIT.nothing;
  note(found === 0 ? `No damaged message in ${queue}.` : `${plural(found, "damaged message")} of ${queue}, kept from delivery.`);
}
