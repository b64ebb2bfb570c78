/** Messages wait in queues that were to be removed. */
export class MessagesWait extends Error {
  override readonly name = "MessagesWait";
  readonly queues: readonly { readonly name: string; readonly messages: number }[];

  constructor(queues: MessagesWait["queues"]) {
    super(`messages wait: ${queues.map(({ name, messages }) => `${messages} in ${name}`).join(", ")}`);
    this.queues = queues;
  }
}
