import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { selfSigned } from "../../../src/services/topics/drivers/certificate.ts";
import { covers } from "../../contract/covers.ts";
import { ServerProcess } from "../../crash/server-process.ts";
import { TopicClient } from "../../crash/topics/client.ts";

interface Identity {
  readonly key: string;
  readonly cert: string;
}

function identityOf(commonName: string): Identity {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const cert = selfSigned({ privateKey, commonName, fromMs: Date.UTC(2020, 0, 1), untilMs: Date.UTC(2049, 0, 1) });
  return { key: privateKey.export({ type: "pkcs8", format: "pem" }), cert };
}

/** A subscriber that shows each connection the next identity, and the last one from then on. Each request has a connection of its own. */
async function tlsSubscriber(t: TestContext, first: Identity) {
  const seen: { type: string; body: string }[] = [];
  const turns: Identity[] = [];
  let connections = 0;
  let heard = Promise.withResolvers<void>();
  const server = createServer(first, (request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      seen.push({ type: String(request.headers["x-amz-sns-message-type"]), body: Buffer.concat(chunks).toString() });
      response.writeHead(200, { connection: "close" }).end();
      heard.resolve();
    });
  });
  // Told after TLS was told of it: what is set here is shown to the one after it.
  server.on("connection", () => {
    connections += 1;
    const next = turns.shift();
    if (next !== undefined) server.setSecureContext(next);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/notify`,
    connections: () => connections,
    async next() {
      while (seen.length === 0) {
        heard = Promise.withResolvers();
        await heard.promise;
      }
      return seen.shift();
    },
    show(...identities: Identity[]) {
      const [now, ...later] = identities;
      if (now !== undefined) server.setSecureContext(now);
      turns.push(...later);
    },
  };
}

test(
  "a message goes over HTTPS to whoever proves its name by a certificate that is trusted, and waits for a retry where nobody does",
  { timeout: 60_000 },
  async (t) => {
    covers("sns/6.2-retried", "sns/6.1-handshake");
    const [right, unknown, otherName] = [identityOf("localhost"), identityOf("localhost"), identityOf("elsewhere.example")];
    const data = mkdtempSync(join(tmpdir(), "millrace-https-"));
    t.after(() => rmSync(data, { recursive: true }));
    const authorities = join(data, "authorities.pem");
    writeFileSync(authorities, right.cert + otherName.cert);
    const subscriber = await tlsSubscriber(t, right);
    const server = new ServerProcess(join(data, "server"), {
      flags: ["--deliver-to", "127.0.0.1"],
      env: { NODE_EXTRA_CA_CERTS: authorities },
    });
    t.after(() => server.kill());
    server.start();
    const client = new TopicClient(server);
    await client.createTopic("news");
    // Without a pause, so that no test waits for one.
    const DeliveryPolicy = JSON.stringify({ healthyRetryPolicy: { numRetries: 10, numNoDelayRetries: 10 } });
    await client.subscribeUrl("news", subscriber.url, { RawMessageDelivery: "true", DeliveryPolicy });
    const asked = await subscriber.next();
    assert.equal(asked?.type, "SubscriptionConfirmation");
    assert.equal((await fetch((JSON.parse(asked.body) as { SubscribeURL: string }).SubscribeURL)).status, 200);

    const before = subscriber.connections();
    subscriber.show(unknown, otherName, right);
    assert.ok(await client.publish("news", ["hello"]));
    assert.deepEqual(await subscriber.next(), { type: "Notification", body: "hello" });
    assert.equal(subscriber.connections() - before, 3);
  },
);
