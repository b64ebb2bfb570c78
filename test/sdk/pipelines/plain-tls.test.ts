import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { manualClock } from "../../../src/kernel/clock.ts";
import { PlainConnections } from "../../../src/worker/plain-connections.ts";
import { selfSigned } from "../../../src/services/topics/drivers/certificate.ts";

test(
  "plain requests go by TLS to whom the platform trusts, for the name that was asked for, and to nobody else",
  { timeout: 60_000 },
  async (t) => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const cert = selfSigned({ privateKey, commonName: "localhost", fromMs: Date.UTC(2020, 0, 1), untilMs: Date.UTC(2049, 0, 1) });
    const names: unknown[] = [];
    const server = createServer({ key: privateKey.export({ type: "pkcs8", format: "pem" }), cert }, (request, response) => {
      names.push((request.socket as TLSSocket).servername);
      response.end("ok");
    });
    server.listen(0);
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const ask = async (hostname: string) => {
      const connections = new PlainConnections({ isTls: true, hostname, port }, { clock: manualClock(), connectionsMax: 1 });
      t.after(() => connections.destroy());
      const request = `GET / HTTP/1.1\r\nhost: ${hostname}\r\n\r\n`;
      return [await connections.exchange(request, undefined), await connections.exchange(request, undefined)].map(({ text }) => text);
    };
    await assert.rejects(ask("localhost"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
    const trusted = getCACertificates("default");
    setDefaultCACertificates([...trusted, cert]);
    t.after(() => setDefaultCACertificates(trusted));
    assert.deepEqual(await ask("localhost"), ["ok", "ok"]);
    await assert.rejects(ask("127.0.0.1"), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    assert.deepEqual(names, ["localhost", "localhost"]);
  },
);
