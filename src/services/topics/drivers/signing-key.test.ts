import assert from "node:assert/strict";
import { createPublicKey, verify, X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { threadId } from "node:worker_threads";
import { manualClock } from "../../../kernel/clock.ts";
import { signingKey } from "./signing-key.ts";

const SOME_PATH = `/SimpleNotificationService-${"0".repeat(32)}.pem`;
const NOW = Date.UTC(2026, 0, 15, 12);

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "millrace-signing-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test("what is signed is verified by the certificate, in both versions", async () => {
  const signer = signingKey(undefined, manualClock(NOW));
  for (const [version, digest] of [["1", "sha1"] as const, ["2", "sha256"] as const])
    for (const signed of [await signer.sign(version, "text"), signer.signNow(version, "text")]) {
      const pem = await signer.certificateAt(signed.certificatePath);
      const { publicKey } = new X509Certificate(pem ?? assert.fail());
      assert.ok(verify(digest, Buffer.from("text"), publicKey, Buffer.from(signed.signature, "base64")));
      assert.ok(!verify(digest, Buffer.from("other"), publicKey, Buffer.from(signed.signature, "base64")));
    }
});

test("the certificate is signed by its own key and holds for twenty years", async () => {
  const signer = signingKey(undefined, manualClock(NOW));
  const { certificatePath } = await signer.sign("2", "text");
  assert.match(certificatePath, /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/);
  const certificate = new X509Certificate((await signer.certificateAt(certificatePath)) ?? assert.fail());
  assert.ok(certificate.verify(createPublicKey(certificate.publicKey.export({ type: "spki", format: "pem" }))));
  assert.equal(certificate.subject, "CN=Millrace notifications");
  assert.equal(certificate.issuer, certificate.subject);
  assert.equal(certificate.validFrom, "Jan 14 12:00:00 2026 GMT");
  assert.equal(certificate.validToDate.getUTCFullYear(), 2046);
});

test("a certificate that holds beyond 2049 is read as well", async () => {
  const signer = signingKey(undefined, manualClock(Date.UTC(2045, 5, 1)));
  const { certificatePath } = await signer.sign("1", "");
  const certificate = new X509Certificate((await signer.certificateAt(certificatePath)) ?? assert.fail());
  assert.equal(certificate.validToDate.getUTCFullYear(), 2065);
});

test("the key stays over starts, in a file for its owner alone", async (t) => {
  const directory = directoryOf(t);
  const first = signingKey(directory, manualClock(NOW));
  assert.deepEqual(readdirSync(directory), []);
  const [one, two] = await Promise.all([first.sign("2", "text"), first.sign("2", "text")]);
  const later = await signingKey(directory, manualClock(NOW + 1e9)).sign("2", "text");
  assert.deepEqual([two, later], [one, one]);
  assert.deepEqual(readdirSync(directory), ["signing-key.pem"]);
  assert.equal(statSync(join(directory, "signing-key.pem")).mode & 0o777, 0o600);
});

test("of several who need a key for the first time all take the same", async (t) => {
  const directory = directoryOf(t);
  const signers = Array.from({ length: 3 }, () => signingKey(directory, manualClock(NOW)));
  const [one, ...others] = await Promise.all(signers.map((signer) => signer.sign("2", "text")));
  for (const other of others) assert.deepEqual(other, one);
  assert.deepEqual(readdirSync(directory), ["signing-key.pem"]);
});

test("of several threads that make a key at the same time all sign with the same", async (t) => {
  const directory = directoryOf(t);
  const signers = Array.from({ length: 3 }, () => signingKey(directory, manualClock(NOW)));
  const paths = await Promise.all(signers.map(async (signer) => (await signer.sign("2", "text")).certificatePath));
  assert.equal(new Set(paths).size, 1);
  assert.deepEqual(readdirSync(directory), ["signing-key.pem"]);
});

test("a key that could not be kept is made again by whoever asks next", async (t) => {
  const directory = directoryOf(t);
  const inTheWay = join(directory, `signing-key.pem.unfinished-${threadId}`);
  mkdirSync(inTheWay);
  const signer = signingKey(directory, manualClock(NOW));
  await assert.rejects(signer.certificateAt(SOME_PATH), { code: "EISDIR" });
  rmdirSync(inTheWay);
  assert.equal(await signer.certificateAt(SOME_PATH), undefined);
  assert.deepEqual(readdirSync(directory), ["signing-key.pem"]);
});

test("there is nothing at any other path", async () => {
  const signer = signingKey(undefined, manualClock(NOW));
  for (const path of ["/", "/SimpleNotificationService-.pem", `/SimpleNotificationService-${"0".repeat(32)}.pem`])
    assert.equal(await signer.certificateAt(path), undefined, path);
});
