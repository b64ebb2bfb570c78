import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { systemClock, type Clock } from "../../../src/kernel/clock.ts";
import { definePipeline } from "../../../src/worker/index.ts";
import { attributeOf, PipelineScene } from "./harness.ts";

const Page = z.object({ book: z.string(), page: z.number(), of: z.number() });
const Book = z.object({ book: z.string(), pages: z.array(z.number()) });
const LIMIT = { timeout: 60_000 };
const BIND = { stages: ["bind"] };

function binding(fires: z.infer<typeof Page>[][] = [], within?: "20m") {
  return definePipeline("books", (p) => {
    const bind = p.join("bind", {
      input: Page,
      outputs: { book: Book },
      backoff: { baseMs: 1, capMs: 1 },
      key: (m) => m.book,
      distinct: (m) => String(m.page),
      expect: (m) => m.of,
      ...(within === undefined ? {} : { within }),
      run: (pages, ctx) => {
        fires.push([...pages]);
        if (pages[0].book === "fails once" && fires.length === 1) throw new Error("once");
        ctx.emit("book", { book: pages[0].book, pages: pages.map((m) => m.page) });
      },
    });
    const print = p.stage("print", { input: Book, run: () => undefined });
    bind.on.book.to(print);
    return { bind };
  });
}

test(
  "a join runs once, when all its different parts have come, and gets them in the order of what makes them different",
  LIMIT,
  async () => {
    await using scene = await PipelineScene.start();
    const fires: z.infer<typeof Page>[][] = [];
    const books = await scene.ensured(binding(fires));
    for (const page of [3, 1, 1]) await books.send("bind", { book: "a", page, of: 3 });
    await books.send("bind", { book: "b", page: 1, of: 1 });
    await scene.drain(books, BIND);
    assert.deepEqual(
      fires.map(([first]) => first?.book),
      ["b"],
    );
    await books.send("bind", { book: "a", page: 2, of: 3 });
    await scene.drain(books, BIND);
    assert.deepEqual(
      fires[1]?.map(({ page }) => page),
      [1, 2, 3],
    );
    const bodies = (await scene.received("books-print")).map(({ Body = "" }) => (JSON.parse(Body) as { book: string }).book);
    assert.deepEqual(bodies.toSorted(), ["a", "b"]);
    assert.deepEqual(await scene.keys("books-objects", "millrace/joins/"), [], "parts that have been joined are removed");
  },
);

test("parts that arrive again after the join has run do not make it run again", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const fires: z.infer<typeof Page>[][] = [];
  const books = await scene.ensured(binding(fires));
  for (let round = 0; round < 2; round += 1) {
    for (const page of [1, 2]) await books.send("bind", { book: "a", page, of: 2 });
    await scene.drain(books, BIND);
  }
  assert.equal(fires.length, 1);
  assert.equal(await scene.held("books-print"), 1);
});

test("ten workers' worth of parts at once: the join still runs once", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const fires: z.infer<typeof Page>[][] = [];
  const books = await scene.ensured(binding(fires));
  await Promise.all(Array.from({ length: 30 }, async (_, n) => await books.send("bind", { book: "a", page: n % 15, of: 15 })));
  await scene.drain(books, { ...BIND, concurrency: 30 });
  assert.equal(fires.length, 1);
  assert.equal(await scene.held("books-print"), 1);
});

test("a join whose handler fails runs again, with the same id of its output", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const fires: z.infer<typeof Page>[][] = [];
  const books = await scene.ensured(binding(fires));
  for (const page of [1, 2]) await books.send("bind", { book: "fails once", page, of: 2 });
  await scene.drain(books, { ...BIND, advanceMs: 10 });
  assert.equal(fires.length, 2);
  assert.equal(await scene.held("books-print"), 1);
});

test("an incomplete join is reported as a dead letter when its time is over; the missing part still completes it", LIMIT, async () => {
  await using scene = await PipelineScene.start();
  const fires: z.infer<typeof Page>[][] = [];
  // What time it is the test says; when calls are made again, the machine.
  const machine = systemClock();
  const clock: Clock = {
    nowMs: () => scene.server.clock.nowMs(),
    monotonicMs: () => machine.monotonicMs(),
    after: (delayMs, callback) => machine.after(delayMs, callback),
  };
  const books = (await scene.ensured(binding(fires, "20m"))).with({ clock });
  await books.send("bind", { book: "a", page: 1, of: 2 });
  await scene.drain(books, { ...BIND, advanceMs: 20_000 });
  const [letter = assert.fail()] = await scene.received("books-bind-dlq");
  assert.match(attributeOf(letter, "Millrace.DeadLetter") ?? "", /only 1 of 2 parts of .*"a.*" came within 1200 s/);
  assert.equal(fires.length, 0);
  await books.send("bind", { book: "a", page: 2, of: 2 });
  await scene.drain(books, { ...BIND, advanceMs: 20_000 });
  assert.equal(fires.length, 1);
});
