import type { StoreCall } from "../../../src/storage/storage.ts";
import { ObjectAccount } from "./object-account.ts";
import { QueueAccount } from "./queue-account.ts";
import { linesOf } from "./shown.ts";

/**
 * What the server has told its users to be so: made of what was asked and answered alone, operation by operation, and
 * not of any table. A unit of which nothing was refused has happened as a whole.
 */
export class Account {
  readonly queues = new QueueAccount();
  readonly objects = new ObjectAccount();

  /** Whether an operation changes anything that can be seen. */
  static changes({ operation }: StoreCall): boolean {
    return QueueAccount.CHANGES.has(operation) || ObjectAccount.CHANGES.has(operation);
  }

  apply(call: StoreCall, result: unknown, nowMs: number): void {
    if (call.operation.startsWith("queues.")) this.queues.apply(call, result, nowMs);
    else this.objects.apply(call, result);
  }

  lines(): string[] {
    return linesOf({ queues: this.queues.shown(), buckets: this.objects.shown() });
  }
}
