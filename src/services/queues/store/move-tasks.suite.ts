import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { covers } from "../../../../test/contract/covers.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../kernel/units.ts";
import { redrive } from "./dead-letters.suite.ts";
import type { MoveTask } from "./store.ts";
import { QUEUE, queueNamed, Timeline, type StoreUnderTest } from "./timeline.suite.ts";

const DEAD = queueNamed("dead");
const OTHER = queueNamed("other");
const TASK = "5b6d2e0a-0000-4000-8000-000000000001";

/** A dead-letter queue, and two queues that have given messages up to it. */
class Scene {
  readonly subject: StoreUnderTest;
  readonly jobs: Timeline;
  readonly other: Timeline;
  readonly dead: Timeline;

  constructor(subject: StoreUnderTest) {
    this.subject = subject;
    this.jobs = new Timeline(subject);
    this.other = new Timeline(subject, OTHER);
    this.dead = new Timeline(subject, DEAD);
  }

  /** Messages that this queue gives up, in their order. */
  async giveUp(queue: Timeline, ...bodies: string[]): Promise<void> {
    await queue.send(...bodies);
    for (let taken = 0; taken < bodies.length; taken += 10) await queue.receive({ max: 10, visibilityMs: 1 });
    this.subject.clock.advance(1);
    await queue.receive();
  }

  async start(options: { to?: string; perSecond?: number; taskId?: string } = {}): Promise<void> {
    const destination = options.to === undefined ? undefined : queueNamed(options.to);
    const { taskId = TASK, perSecond } = options;
    await this.subject.store.startMoveTask({ taskId, source: DEAD, destination, perSecond });
  }

  async tasks(limit = 10): Promise<MoveTask[]> {
    return this.subject.store.listMoveTasks({ source: DEAD, limit });
  }

  /** The latest task: how it stands, and how far it has come. */
  async progress(): Promise<string> {
    const [task] = await this.tasks(1);
    assert.ok(task !== undefined);
    const { status, moved, toMove, failure } = task;
    return `${status} ${moved}/${toMove}${failure === undefined ? "" : ` ${failure}`}`;
  }

  /** Lets time pass in steps, as upkeep sees it. */
  async pass(ms: number): Promise<void> {
    this.subject.clock.advance(ms);
    await this.jobs.counts();
  }

  async cancel(taskId = TASK): Promise<number> {
    return (await this.subject.store.cancelMoveTask({ source: DEAD, taskId })).moved;
  }
}

const numbered = (count: number, name = "m") => Array.from({ length: count }, (_, index) => `${name}${index + 1}`);

/** What the queue store's port means for message move tasks, for every engine. */
export function moveTaskSuite(engine: string, open: () => Promise<StoreUnderTest>): void {
  const withScene = (body: (scene: Scene) => Promise<void>) => async () => {
    const subject = await open();
    try {
      await subject.store.createQueue({ queue: DEAD, attributes: {}, tags: {} });
      for (const queue of [QUEUE, OTHER]) await subject.store.createQueue({ queue, attributes: redrive(DEAD), tags: {} });
      await body(new Scene(subject));
    } finally {
      await subject.close();
    }
  };

  describe(`queue store on ${engine}: message move tasks`, () => {
    test(
      "without a destination each message goes back to the queue that gave it up",
      withScene(async (scene) => {
        covers("sqs/7.4-own-source");
        const { jobs, other, dead } = scene;
        await scene.giveUp(jobs, "a1", "a2");
        await scene.giveUp(other, "b1");
        await scene.start();
        assert.equal(await scene.progress(), "RUNNING 0/3");
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "COMPLETED 3/3");
        assert.deepEqual(await dead.counts(), [0, 0, 0]);
        assert.equal(await jobs.receive({ max: 10 }), "a1 #1 a2 #1");
        assert.equal(await other.receive({ max: 10 }), "b1 #1");
      }),
    );

    test(
      "with a destination all go there, the oldest first, also those whose source is not known",
      withScene(async (scene) => {
        covers("sqs/7.4-destination");
        await scene.subject.store.createQueue({ queue: queueNamed("inbox"), attributes: { DelaySeconds: "900" }, tags: {} });
        await scene.giveUp(scene.jobs, "m1");
        await scene.dead.send("m2");
        await scene.giveUp(scene.other, "m3");
        await scene.start({ to: "inbox" });
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "COMPLETED 3/3");
        const inbox = new Timeline(scene.subject, queueNamed("inbox"));
        assert.equal(await inbox.receive({ max: 10 }), "m1 #1 m2 #1 m3 #1");
      }),
    );

    test(
      "a moved message is a new one: another id, sent now, never received, from no dead-letter source",
      withScene(async (scene) => {
        covers("sqs/7.4-new-id", "sqs/7.4-count-anew");
        const { jobs, dead } = scene;
        const sent = { ...jobs.message("m1"), attributes: "[]", traceHeader: "Root=1", groupId: "tenant" };
        await jobs.store.send({ queue: QUEUE, messages: [sent] });
        await jobs.receive({ visibilityMs: 0 });
        await jobs.receive();
        await dead.receive({ visibilityMs: 0 });
        const before = dead.received("m1");
        scene.subject.clock.advance(HOUR_MS);
        await scene.start();
        await scene.pass(SECOND_MS);
        await jobs.receive();
        const after = jobs.received("m1");
        assert.match(after.id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.notEqual(after.id, before.id);
        assert.ok(after.sentMs > before.sentMs + HOUR_MS - 1);
        assert.deepEqual([after.receiveCount, after.deadLetterSourceArn], [1, null]);
        const { attributes, traceHeader, groupId, bodyMd5, senderId } = before;
        assert.deepEqual(
          { attributes, traceHeader, groupId, bodyMd5, senderId },
          {
            attributes: after.attributes,
            traceHeader: after.traceHeader,
            groupId: after.groupId,
            bodyMd5: after.bodyMd5,
            senderId: after.senderId,
          },
        );
        await dead.delete("m1");
        assert.deepEqual(await jobs.counts(), [0, 1, 0], "a receipt from before the move says nothing of it");
      }),
    );

    test(
      "what is in flight stays, and what comes after the start",
      withScene(async (scene) => {
        covers("sqs/7.4-limits");
        await scene.giveUp(scene.jobs, "held", "free");
        assert.equal(await scene.dead.receive(), "held #2");
        await scene.start();
        await scene.dead.send("late");
        assert.equal(await scene.progress(), "RUNNING 0/1");
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "COMPLETED 1/1");
        assert.deepEqual(await scene.dead.counts(), [1, 1, 0]);
        assert.equal(await scene.jobs.receive({ max: 10 }), "free #1");
      }),
    );

    test(
      "who waits on a destination is woken",
      withScene(async (scene) => {
        covers("sqs/5.1-wake-dead-letter");
        await scene.giveUp(scene.jobs, "m1");
        const waiting = scene.jobs.receive({ waitMs: 20_000 });
        await scene.start();
        scene.subject.clock.advance(SECOND_MS);
        assert.equal(await waiting, "m1 #1");
      }),
    );

    test(
      "a message whose retention has ended on the way is not moved",
      withScene(async (scene) => {
        await scene.subject.store.setAttributes({ queue: DEAD, attributes: { MessageRetentionPeriod: "60" } });
        await scene.giveUp(scene.jobs, "old");
        scene.subject.clock.advance(50 * SECOND_MS);
        await scene.giveUp(scene.jobs, "young");
        await scene.start({ perSecond: 1 });
        assert.equal(await scene.progress(), "RUNNING 0/2");
        await scene.subject.store.setAttributes({ queue: DEAD, attributes: { MessageRetentionPeriod: "60" } });
        await scene.pass(15 * SECOND_MS);
        const bodies = await scene.jobs.receive({ max: 10 });
        assert.ok(bodies.endsWith("young #1"), bodies);
        assert.match(await scene.progress(), /^COMPLETED/);
      }),
    );
  });

  describe(`queue store on ${engine}: the rate of a move task`, () => {
    test(
      "so many messages a second, and not more, from the first to the last",
      withScene(async (scene) => {
        await scene.giveUp(scene.jobs, ...numbered(40));
        await scene.start({ perSecond: 10 });
        let before = 0;
        for (let second = 1; second <= 5; second += 1) {
          await scene.pass(SECOND_MS);
          const [task] = await scene.tasks();
          const moved = task?.moved ?? 0;
          assert.ok(moved - before <= 13, `${moved - before} in second ${second}`);
          assert.ok(moved <= 10 * second + 3, `${moved} after ${second} s`);
          before = moved;
        }
        assert.equal(await scene.progress(), "COMPLETED 40/40");
      }),
    );

    test(
      "after a restart it goes on where it was, and the time while nothing ran is worth no more than a moment",
      withScene(async (scene) => {
        await scene.giveUp(scene.jobs, ...numbered(30));
        await scene.start({ perSecond: 2 });
        await scene.pass(SECOND_MS);
        const [before] = await scene.tasks();
        await scene.subject.reopen({ afterMs: HOUR_MS });
        await scene.pass(SECOND_MS);
        const [after] = await scene.tasks();
        assert.ok((after?.moved ?? 0) - (before?.moved ?? 0) <= 4, `${after?.moved} of 30, ${before?.moved} before the restart`);
        assert.equal(after?.status, "RUNNING");
      }),
    );

    test(
      "without a rate it moves some hundreds a second",
      withScene(async (scene) => {
        await scene.giveUp(scene.jobs, ...numbered(700));
        await scene.start();
        await scene.pass(SECOND_MS);
        const [first] = await scene.tasks();
        await scene.pass(SECOND_MS);
        const [second] = await scene.tasks();
        const moved = (second?.moved ?? 0) - (first?.moved ?? 0);
        assert.ok(moved >= 400 && moved <= 600, String(moved));
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "COMPLETED 700/700");
      }),
    );
  });

  describe(`queue store on ${engine}: the end of a move task`, () => {
    test(
      "a cancel ends it at once, also while its rate lets it wait; what was moved stays moved",
      withScene(async (scene) => {
        covers("sqs/7.4-cancel");
        await scene.giveUp(scene.jobs, ...numbered(5));
        await scene.start({ perSecond: 1 });
        await scene.pass(1500);
        const moved = await scene.cancel();
        assert.ok(moved >= 1 && moved <= 2);
        await scene.pass(MINUTE_MS);
        assert.equal(await scene.progress(), `CANCELLED ${moved}/5`);
        assert.deepEqual([(await scene.jobs.counts())[0], (await scene.dead.counts())[0]], [moved, 5 - moved]);
        await assert.rejects(scene.cancel(), { message: "Only active tasks can be cancelled." });
        await assert.rejects(scene.cancel("5b6d2e0a-0000-4000-8000-00000000000f"), { code: "ResourceNotFoundException" });
      }),
    );

    test(
      "a destination that is deleted on the way fails it, and the rest stays",
      withScene(async (scene) => {
        covers("sqs/7.4-destination-deleted");
        await scene.giveUp(scene.jobs, "m1", "m2");
        await scene.giveUp(scene.other, "m3");
        await scene.start();
        await scene.subject.store.deleteQueue({ queue: OTHER });
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "FAILED 2/3 AWS.SimpleQueueService.NonExistentQueue");
        assert.equal(await scene.dead.receive({ max: 10 }), "m3 #2");
      }),
    );

    test(
      "a message whose source is not known fails it where no destination was given",
      withScene(async (scene) => {
        covers("sqs/7.4-no-source");
        await scene.giveUp(scene.jobs, "m1");
        await scene.dead.send("strange");
        await scene.giveUp(scene.jobs, "m2");
        await scene.start();
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "FAILED 1/3 CouldNotDetermineMessageSource");
        assert.equal(await scene.dead.receive({ max: 10 }), "strange #1 m2 #2");
      }),
    );

    test(
      "after 36 hours it fails",
      withScene(async (scene) => {
        covers("sqs/7.4-limits", "sqs/10-move-tasks");
        await scene.giveUp(scene.jobs, ...numbered(2));
        await scene.dead.receive({ visibilityMs: 12 * HOUR_MS });
        await scene.start({ perSecond: 1 });
        await scene.subject.reopen({ afterMs: 36 * HOUR_MS });
        await scene.pass(SECOND_MS);
        assert.equal(await scene.progress(), "FAILED 0/1 TaskTimedOut");
      }),
    );

    test(
      "tasks are listed newest first, ten are kept, and they go with their queue",
      withScene(async (scene) => {
        covers("sqs/7.4-list", "sqs/7.4-one-active");
        for (let index = 1; index <= 12; index += 1) {
          await scene.start({ taskId: `task-${index}`, ...(index === 12 ? { to: "other", perSecond: 7 } : {}) });
          await assert.rejects(scene.start(), { message: /^There is already a task running\. Only one active task is allowed/ });
          if (index < 12) await scene.pass(SECOND_MS);
        }
        const tasks = await scene.tasks(100);
        assert.deepEqual(
          tasks.map(({ taskId }) => taskId),
          numbered(12, "task-").toReversed().slice(0, 10),
        );
        const { startedMs, ...newest } = tasks[0] as MoveTask;
        const nothing = { status: "RUNNING", moved: 0, toMove: 0, failure: undefined };
        assert.deepEqual(newest, { taskId: "task-12", source: DEAD, destination: OTHER, perSecond: 7, ...nothing });
        assert.equal(startedMs, scene.subject.clock.nowMs());
        await scene.subject.store.deleteQueue({ queue: DEAD });
        await assert.rejects(scene.tasks(), { code: "ResourceNotFoundException" });
        await scene.pass(MINUTE_MS);
        await scene.subject.store.createQueue({ queue: DEAD, attributes: {}, tags: {} });
        assert.deepEqual(await scene.tasks(), []);
      }),
    );

    test(
      "it begins only on what is a dead-letter queue, towards what is a queue, and a hundred at a time in an account",
      withScene(async (scene) => {
        covers("sqs/7.4-source-missing", "sqs/7.4-source-no-dead-letter-queue", "sqs/7.4-destination-missing", "sqs/10-move-tasks");
        const { store } = scene.subject;
        const start = (source: string, destination?: string) =>
          store.startMoveTask({
            taskId: `of ${source}`,
            source: queueNamed(source),
            destination: destination === undefined ? undefined : queueNamed(destination),
            perSecond: 1,
          });
        const missing = (parameter: string) => ({
          code: "ResourceNotFoundException",
          message: `The resource that you specified for the ${parameter} parameter doesn't exist.`,
        });
        await assert.rejects(start("nowhere"), missing("SourceArn"));
        await assert.rejects(start("jobs"), { message: "Source queue must be configured as a Dead Letter Queue." });
        await assert.rejects(start("dead", "nowhere"), missing("DestinationArn"));
        for (let index = 1; index <= 100; index += 1) {
          await store.createQueue({ queue: queueNamed(`dead-${index}`), attributes: {}, tags: {} });
          await store.createQueue({ queue: queueNamed(`of-${index}`), attributes: redrive(queueNamed(`dead-${index}`)), tags: {} });
          await start(`dead-${index}`);
        }
        await assert.rejects(start("dead"), { code: "OverLimit" });
        await scene.pass(SECOND_MS);
        await start("dead");
      }),
    );
  });
}
