import type { Connection } from "../connection.ts";
import type { ReplyBytes, StepName } from "../job.ts";
import { connectionsTo } from "./connections.ts";
import { Requests } from "./requests.ts";
import type { Session, Subject } from "./subject.ts";

/** As long as one of Millrace's. */
const HANDLE = "A".repeat(44);

/** The bare echo: the same requests to the byte, but for the reply's size in the path; replies as large as Millrace's. */
export async function echoSubject(options: {
  readonly port: number;
  readonly pid: number;
  readonly replyBytes: ReplyBytes;
  readonly bodyBytes?: number | undefined;
}): Promise<Subject> {
  const { port, pid, replyBytes, bodyBytes } = options;
  const prepare = async (step: StepName): Promise<Requests> => {
    const requests = new Requests(port, { path: `/${replyBytes[step] ?? 0}`, bodyBytes });
    await requests.prepare(`http://127.0.0.1:${port}/000000000000/bench`);
    return requests;
  };
  const steps = { send: await prepare("send"), receive: await prepare("receive"), delete: await prepare("delete") };
  const session = (connection: Connection): Session => ({
    async send(messages) {
      await connection.send(steps.send.send(messages));
    },
    async receive(messagesMax, waitSeconds = 0) {
      await connection.send(steps.receive.receive(messagesMax, waitSeconds));
      return Array<string>(messagesMax).fill(HANDLE);
    },
    async delete(handles) {
      await connection.send(steps.delete.delete(handles as readonly string[]));
    },
  });
  return {
    pid,
    replyBytes,
    ...connectionsTo(port, session),
  };
}
