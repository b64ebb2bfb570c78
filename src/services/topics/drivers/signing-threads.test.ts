import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { test } from "node:test";
import { SigningThreads } from "./signing-threads.ts";

const KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });

function isOf(text: string, signature: string): boolean {
  return verify("sha256", Buffer.from(text), createPublicKey(KEY), Buffer.from(signature, "base64"));
}

test("however many are asked for at once, each text gets its own signature, by one thread and by several", async () => {
  const texts = Array.from({ length: 100 }, (_, number) => `text ${number} §`);
  for (const processors of [1, 3]) {
    const threads = new SigningThreads(KEY, processors);
    const signatures = await Promise.all(texts.map((text) => threads.sign("sha256", text)));
    threads.close();
    for (const [at, text] of texts.entries()) assert.ok(isOf(text, signatures[at] ?? ""), text);
    assert.ok(!isOf("text 0 §", signatures[1] ?? ""));
  }
});

test("whoever waits when the threads are closed is still answered", async () => {
  const threads = new SigningThreads(KEY, 2);
  const waiting = Array.from({ length: 40 }, () => threads.sign("sha256", "text"));
  threads.close();
  for (const signature of await Promise.all(waiting)) assert.ok(isOf("text", signature));
});

test("a thread that ends refuses what it was asked for, and another one is started for what is asked next", async () => {
  const threads = new SigningThreads("no key", 2);
  for (let time = 0; time < 2; time += 1) await assert.rejects(threads.sign("sha256", "text"));
  threads.close();
});

test("where no thread can be started, whoever asks is told so, each time", async () => {
  const noText = (() => {}) as unknown as string; // What cannot be copied to a thread keeps it from being made.
  const threads = new SigningThreads(noText, 2);
  for (let time = 0; time < 2; time += 1) await assert.rejects(threads.sign("sha256", "text"), { name: "DataCloneError" });
  threads.close();
});
