import { Connection, type Response } from "../connection.ts";
import type { Keys, QueueKind, ReplyBytes } from "../job.ts";
import { connectionsTo } from "./connections.ts";
import { Requests } from "./requests.ts";
import { BENCH_QUEUE, BODY, bodyOf, type Session, type Subject } from "./subject.ts";

const QUEUE = BENCH_QUEUE.name;

/** A server that speaks the SQS protocol, over sockets. */
export async function awsSubject(options: {
  readonly port: number;
  readonly pid: number;
  readonly keys?: Keys;
  readonly queue?: QueueKind;
  readonly bodyBytes?: number | undefined;
}): Promise<Subject> {
  const { port, pid, keys, queue, bodyBytes } = options;
  const sent = bodyBytes === undefined ? BODY : bodyOf(bodyBytes);
  const requests = new Requests(port, { keys, queue, bodyBytes });
  const first = await Connection.open(port);
  const created = JSON.parse(ok(await first.send(await requests.createQueue(queue === "fifo" ? `${QUEUE}.fifo` : QUEUE))).toString()) as {
    QueueUrl: string;
  };
  first.close();
  await requests.prepare(created.QueueUrl);

  const replyBytes: { -readonly [S in keyof ReplyBytes]: ReplyBytes[S] } = {};
  const session = (connection: Connection): Session => ({
    async send(messages) {
      const body = ok(await connection.send(requests.send(messages)));
      replyBytes.send = body.length;
      refuseFailures(body);
    },
    async receive(messagesMax, waitSeconds = 0) {
      const body = ok(await connection.send(requests.receive(messagesMax, waitSeconds)));
      if (replyBytes.receive === undefined) checkBodies(body, sent);
      replyBytes.receive = body.length;
      return handlesIn(body);
    },
    async delete(handles) {
      const body = ok(await connection.send(requests.delete(handles as readonly string[])));
      replyBytes.delete = body.length;
      refuseFailures(body);
    },
  });
  return {
    pid,
    replyBytes,
    ...connectionsTo(port, session),
  };
}

function ok({ status, body }: Response): Buffer {
  if (status !== 200) throw new Error(`the server answered ${status}: ${body.toString().slice(0, 500)}`);
  return body;
}

/** A batch answers 200 even where entries of it were refused; only such an entry names whose fault it was. */
function refuseFailures(body: Buffer): void {
  if (body.includes('"SenderFault"')) throw new Error(`the server refused part of a batch: ${body.toString().slice(0, 500)}`);
}

/** The first answer of a run is looked at in full. A deep backlog has shorter bodies, the beginning of the same text. */
function checkBodies(body: Buffer, sent: string): void {
  const { Messages = [] } = JSON.parse(body.toString()) as { Messages?: { Body: string }[] };
  if (Messages.some(({ Body }) => !sent.startsWith(Body))) throw new Error("the server returned another body than was sent");
}

const HANDLE_BEGINS = '"ReceiptHandle":"';

/** Parsing a dozen kilobytes of JSON for ten handles would cost as much as the rest of the load generator. */
function handlesIn(body: Buffer): string[] {
  const handles: string[] = [];
  for (let at = body.indexOf(HANDLE_BEGINS); at !== -1;) {
    const begin = at + HANDLE_BEGINS.length;
    const end = body.indexOf('"', begin);
    handles.push(body.toString("latin1", begin, end));
    at = body.indexOf(HANDLE_BEGINS, end);
  }
  return handles;
}
