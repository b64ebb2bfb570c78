import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { after, describe, test } from "node:test";
import { manualClock } from "../../kernel/clock.ts";
import { silentLogger } from "../../kernel/logger.ts";
import { seededRandom } from "../../kernel/random.ts";
import { MINUTE_MS } from "../../kernel/units.ts";
import { notedContext } from "../noted-context.fixture.ts";
import type { OutgoingMessage } from "../rules/outgoing.ts";
import { networkError, turn } from "../scripted-sqs.suite.ts";
import { RetryLater, Stopping } from "../verdicts.ts";
import { readCronFile } from "./cron-file.ts";
import { pushHandler, type PushOptions } from "./handler.ts";
import { PeriodicTasks } from "./periodic.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A web application, and what was posted to it. */
async function application(
  answer: Answer,
): Promise<{ url: string; seen: { path: string; body: string; headers: IncomingMessage["headers"] }[] }> {
  const seen: { path: string; body: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      seen.push({ path: `${request.method} ${request.url}`, body, headers: request.headers });
      answer(request, response, body);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jobs`, seen };
}

const status =
  (code: number, text: string = ""): Answer =>
  (_, response) =>
    void response.writeHead(code).end(text);
const handler = (url: string, options: Partial<PushOptions> = {}) => pushHandler({ url, queueName: "jobs", ...options });
const comesBackAfter = (delayMs: number, reason: RegExp) => (error: unknown) =>
  error instanceof RetryLater && error.delayMs === delayMs && reason.test(error.message);

describe("HTTP push", { timeout: 30_000 }, () => {
  test("the body is posted with the daemon's headers, and 200 is done", async () => {
    const { url, seen } = await application(status(200));
    const { ctx } = notedContext({
      receiveCount: 3,
      attributes: { kind: { type: "String", value: "jpeg" } },
      system: { ApproximateFirstReceiveTimestamp: "1767225600000" },
    });
    await handler(url)("a body é", ctx);
    await handler(url, { mimeType: "text/plain" })({ a: 1 }, ctx);
    assert.deepEqual(
      seen.map(({ path, body, headers }) => [path, body, headers["content-type"]]),
      [
        ["POST /jobs", "a body é", "application/json"],
        ["POST /jobs", '{"a":1}', "text/plain"],
      ],
    );
    const [first] = seen;
    assert.equal(first?.headers["x-aws-sqsd-msgid"], "m1");
    assert.equal(first?.headers["x-aws-sqsd-receive-count"], "3");
    assert.equal(first?.headers["x-aws-sqsd-first-received-at"], "2026-01-01T00:00:00Z");
    assert.equal(first?.headers["x-aws-sqsd-attr-kind"], "jpeg");
  });

  test("any other answer brings the message back after the error visibility, with what was answered", async () => {
    for (const code of [201, 204, 302, 404, 500]) {
      const { url } = await application(status(code, code === 500 ? "no disk" : ""));
      const pattern = code === 500 ? /\/jobs answered 500: no disk$/ : new RegExp(`answered ${code}$`);
      await assert.rejects(handler(url)("x", notedContext().ctx), comesBackAfter(2000, pattern));
    }
  });

  test("no answer within the inactivity timeout, or nobody there, brings it back too", async () => {
    const clock = manualClock();
    const arrived = Promise.withResolvers<void>();
    const { url } = await application(() => arrived.resolve());
    const pushed = handler(url, { clock, errorVisibility: "7s" })("x", notedContext().ctx);
    const rejected = assert.rejects(pushed, comesBackAfter(7000, /no answer within 299 s/));
    await arrived.promise;
    clock.advance(299_000);
    await rejected;
    await assert.rejects(handler("http://127.0.0.1:1/")("x", notedContext().ctx), comesBackAfter(2000, /ECONNREFUSED/));
  });

  test("an answer that breaks off is none", async () => {
    const { url } = await application((_, response) => {
      response.writeHead(200, { "content-length": "10" }).write("half");
      response.socket?.end();
    });
    await assert.rejects(handler(url)("x", notedContext().ctx), RetryLater);
  });

  test("a worker that stops gives its connection up", async () => {
    const arrived = Promise.withResolvers<void>();
    const { url } = await application(() => arrived.resolve());
    const noted = notedContext();
    const pushed = handler(url)("x", noted.ctx);
    await arrived.promise;
    noted.abort(new Stopping("now"));
    await assert.rejects(pushed, new Stopping("now"));
  });

  test("a URL that is none is refused at once", () => {
    assert.throws(() => handler("localhost:8080"), /url must begin with http/);
  });
});

const CRON = `
version: 1
cron:
  - name: backup
    url: /backup
    schedule: "0 */12 * * *"
  - {name: audit, url: "/audit?deep=1", schedule: "23 4 1 * MON"}
`;

describe("cron.yaml", () => {
  test("tasks have a name, a path and a schedule in UTC", () => {
    const [backup, audit] = readCronFile(CRON);
    assert.deepEqual([backup?.name, backup?.path, backup?.nextMs(Date.UTC(2026, 0, 1, 12))], ["backup", "/backup", Date.UTC(2026, 0, 2)]);
    // As in every cron: where both days are given, either will do.
    assert.equal(audit?.nextMs(Date.UTC(2026, 0, 2)), Date.UTC(2026, 0, 5, 4, 23));
  });

  test("what is wrong is said by its place", () => {
    const wrong = (text: string, reason: RegExp) => assert.throws(() => readCronFile(text), reason, text);
    wrong("cron: []", /version must be 1/);
    wrong("version: 1\ncron: 5", /cron must be a list/);
    wrong("version: 1\ncrons: []\ncron: []", /the file has a member "crons"/);
    wrong("version: 1\ncron: [{name: a, url: /a}]", /cron\[0\]\.schedule must be a text/);
    wrong("version: 1\ncron: [{name: a, url: 'http://x/', schedule: '* * * * *'}]", /cron\[0\]\.url must be a path/);
    wrong("version: 1\ncron: [{name: a, url: /a, schedule: '0 25 * * *'}]", /cron\[0\]\.schedule "0 25 \* \* \*"/);
    wrong("version: 1\ncron: [{name: a, url: /a, schedule: '* * * * *'}, {name: a, url: /b, schedule: '* * * * *'}]", /two tasks/);
    wrong("version: [", /not YAML/);
  });
});

describe("periodic tasks", () => {
  const hourly = "version: 1\ncron: [{name: hourly, url: /hourly, schedule: '0 * * * *'}]";

  /** Tasks on a clock of the test's own. */
  function scheduled(queueUrl: string) {
    const clock = manualClock(Date.UTC(2026, 0, 1, 0, 30));
    const sent: OutgoingMessage[] = [];
    const faults: Error[] = [];
    const sqs = {
      sendBatch: async (_: string, [message]: readonly OutgoingMessage[]) => {
        const fault = faults.pop();
        if (fault !== undefined) throw fault;
        sent.push(message!);
        return [{ ok: true as const }];
      },
    };
    const parts = { clock, random: seededRandom(1), log: silentLogger, wallMs: () => clock.nowMs(), sqs, queueUrl };
    const tasks = new PeriodicTasks(parts, readCronFile(hourly));
    const pass = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1) {
        clock.advance(MINUTE_MS);
        await turn();
      }
    };
    return { sent, faults, tasks, pass };
  }

  test("a message is sent when a task is due, once", async () => {
    const { sent, pass, tasks } = scheduled("http://127.0.0.1:4566/000000000000/jobs");
    await pass(29);
    assert.equal(sent.length, 0);
    await pass(2 * 60);
    assert.deepEqual(
      sent.map(({ body, attributes }) => [
        body,
        attributes["beanstalk.sqsd.task_name"]?.value,
        attributes["beanstalk.sqsd.scheduled_time"]?.value,
      ]),
      [
        ["elasticbeanstalk scheduled job", "hourly", "2026-01-01T01:00:00Z"],
        ["elasticbeanstalk scheduled job", "hourly", "2026-01-01T02:00:00Z"],
      ],
    );
    tasks.stop();
    await pass(60);
    assert.equal(sent.length, 2);
  });

  test("on a FIFO queue, daemons that share the file give it the same deduplication id", async () => {
    const daemons = [scheduled("http://x/1/jobs.fifo"), scheduled("http://x/1/jobs.fifo")];
    for (const { pass } of daemons) await pass(31);
    const [one, other] = daemons.map(({ sent }) => sent[0]);
    assert.match(one?.deduplicationId ?? "", /^[0-9a-f]{32}$/);
    assert.equal(one?.deduplicationId, other?.deduplicationId);
  });

  test("a server that is away for a moment gets it a moment later", async () => {
    const { sent, faults, pass } = scheduled("http://127.0.0.1:4566/000000000000/jobs");
    faults.push(networkError(), networkError());
    await pass(31);
    await pass(5);
    assert.equal(sent.length, 1);
  });
});
