import type { Actions } from "./protocols.ts";
import { onBothProtocols, type Message, type Scene } from "./harness.ts";

/** A FIFO queue of a test's own, and its messages by name: the body `g1-m2` is a message of the group `g1`. */
export interface FifoScene extends Scene {
  readonly QueueUrl: string;
  /** Sends messages one by one, each of a group by its name. */
  readonly sent: (...bodies: string[]) => Promise<void>;
  /** Receives up to ten, or `max`, and answers their bodies in order. */
  readonly received: (options?: { max?: number } & Partial<Actions["ReceiveMessage"][0]>) => Promise<string>;
  /** The handle of the last receive of a message. */
  readonly handle: (body: string) => string;
  readonly deleted: (...bodies: string[]) => Promise<void>;
  readonly hidden: (body: string, VisibilityTimeout: number) => Promise<void>;
  /** Waiting, in flight, delayed. */
  readonly counts: () => Promise<string>;
}

export function onFifoQueue(name: string, run: (scene: FifoScene) => Promise<void>, attributes: Record<string, string> = {}): void {
  onBothProtocols(name, async (scene) => {
    const QueueUrl = await scene.queue({ FifoQueue: "true", ContentBasedDeduplication: "true", ...attributes }, "orders.fifo");
    await run(fifoSceneOf(scene, QueueUrl));
  });
}

function fifoSceneOf(scene: Scene, QueueUrl: string): FifoScene {
  const { call } = scene;
  const last = new Map<string, Message>();
  const handle = (body: string) => last.get(body)?.ReceiptHandle ?? `${body} was not received`;
  return {
    ...scene,
    QueueUrl,
    handle,
    async sent(...bodies) {
      for (const MessageBody of bodies) await call("SendMessage", { QueueUrl, MessageBody, MessageGroupId: MessageBody.split("-")[0] });
    },
    async received({ max = 10, ...options } = {}) {
      const messages = await scene.receive(QueueUrl, { MaxNumberOfMessages: max, ...options });
      for (const message of messages) last.set(message.Body ?? "", message);
      return messages.map(({ Body }) => Body).join(" ");
    },
    async deleted(...bodies) {
      for (const body of bodies) await call("DeleteMessage", { QueueUrl, ReceiptHandle: handle(body) });
    },
    async hidden(body, VisibilityTimeout) {
      await call("ChangeMessageVisibility", { QueueUrl, ReceiptHandle: handle(body), VisibilityTimeout });
    },
    async counts() {
      const { Attributes = {} } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["All"] });
      const names = ["", "NotVisible", "Delayed"].map((state) => `ApproximateNumberOfMessages${state}`);
      return names.map((name) => (Attributes as Record<string, string>)[name]).join("/");
    },
  };
}
