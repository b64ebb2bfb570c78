import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { ServiceError } from "../../kernel/service-error.ts";
import { Calls } from "./calls.ts";

interface Offered {
  double(number: number): Promise<number>;
  refuse(args: null): void;
  never(args: null): Promise<void>;
  note(text: string): void;
}

function joined() {
  const { port1, port2 } = new MessageChannel();
  const noted = Promise.withResolvers<string>();
  const far: Offered = {
    double: async (number) => number * 2,
    refuse() {
      throw new ServiceError({ code: "Refused", httpStatus: 409, fault: "client", message: "no" });
    },
    never: () => new Promise(() => {}),
    note: (text) => noted.resolve(text),
  };
  const near = new Calls<object, Offered>(port1, {});
  const there = new Calls<Offered, object>(port2, far);
  return { near, there, noted: noted.promise, close: () => port1.close() };
}

test("each call is answered with its own result, and a refusal arrives as the error it was", async () => {
  const { near, noted, close } = joined();
  assert.deepEqual(await Promise.all([near.ask("double", 1), near.ask("double", 2)]), [2, 4]);
  await assert.rejects(near.ask("refuse", null), (error) => error instanceof ServiceError && error.code === "Refused");
  near.tell("note", "told");
  assert.equal(await noted, "told");
  close();
});

test("when the other side is gone, what it was asked and will be asked fails with the reason", async () => {
  const { near, close } = joined();
  const asked = near.ask("never", null);
  near.fail(new Error("it is gone"));
  near.fail(new Error("said again"));
  await assert.rejects(asked, /it is gone/);
  await assert.rejects(near.ask("double", 1), /it is gone/);
  close();
});
