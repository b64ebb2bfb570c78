import assert from "node:assert/strict";
import { generateKeyPairSync, verify } from "node:crypto";
import { once } from "node:events";
import { createServer, globalAgent } from "node:https";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { covers } from "../../contract/covers.ts";
import { selfSigned } from "../../../src/services/topics/drivers/certificate.ts";
import { endpoint as subscriberOf } from "./endpoint.ts";
import { onTopics, present } from "./harness.ts";

type Message = Readonly<Record<string, string>>;
interface Validator {
  validate(message: Message, done: (error: Error | null) => void): void;
}
/** AWS's own, which has no types. The pattern says of which hosts it takes certificates. */
const MessageValidator = createRequire(import.meta.url)("sns-validator") as new (hosts?: RegExp) => Validator;

const validated = (message: Message, hosts?: RegExp): Promise<Error | null> =>
  new Promise((resolve) => new MessageValidator(hosts).validate(message, resolve));

/** What ends TLS in front of a server, as AWS's validator asks for certificates by nothing else. */
async function tlsFront(t: TestContext): Promise<{ url: string; forwardTo: (endpoint: string) => void }> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const cert = selfSigned({ privateKey, commonName: "localhost", fromMs: Date.UTC(2020, 0, 1), untilMs: Date.UTC(2049, 0, 1) });
  let behind = "";
  const front = createServer({ key: privateKey.export({ type: "pkcs8", format: "pem" }), cert }, (request, response) => {
    void fetch(`${behind}${request.url}`).then(async (answer) => response.writeHead(answer.status).end(await answer.text()));
  });
  front.listen(0);
  await once(front, "listening");
  const { ca } = globalAgent.options;
  globalAgent.options.ca = cert;
  t.after(() => {
    globalAgent.options.ca = ca;
    front.close();
    front.closeAllConnections();
  });
  return { url: `https://localhost:${(front.address() as AddressInfo).port}`, forwardTo: (endpoint) => (behind = endpoint) };
}

for (const version of ["1", "2"]) {
  onTopics(
    `AWS's own validator accepts what an HTTP endpoint of a topic that signs by version ${version} is asked and told`,
    async ({ sns, topic, endpoint, context }) => {
      covers("sns/5.5-validator", "sns/5.5-confirmation", "sns/5.5-versions");
      const front = await tlsFront(context);
      front.forwardTo(endpoint);
      const hosts = new RegExp(`^${new URL(front.url).host}$`);
      const TopicArn = await topic("news", { SignatureVersion: version });
      const subscriber = await subscriberOf(context);
      const next = async (type: string): Promise<Message> => {
        const sent = await subscriber.nextMessage();
        assert.deepEqual([sent["Type"], sent["SignatureVersion"]], [type, version]);
        const message = { ...sent, SigningCertURL: present(sent["SigningCertURL"]).replace(endpoint, front.url) };
        assert.equal(await validated(message, hosts), null, type);
        assert.match(String(await validated({ ...message, Message: "other" }, hosts)), /signature/);
        return message;
      };
      await sns.subscribe({ TopicArn, Protocol: "http", Endpoint: subscriber.url });
      await fetch(present((await next("SubscriptionConfirmation"))["SubscribeURL"]));
      await sns.publish({ TopicArn, Message: "hello" });
      await fetch(present((await next("Notification"))["UnsubscribeURL"]));
      // The validator takes no UnsubscribeConfirmation at all: it leaves out the token, which AWS's guide says is signed.
      const asked = await subscriber.nextMessage();
      const signed = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
      const text = signed.map((name) => `${name}\n${asked[name]}\n`).join("");
      const certificate = await (await fetch(present(asked["SigningCertURL"]))).text();
      const digest = version === "1" ? "sha1" : "sha256";
      assert.ok(verify(digest, Buffer.from(text), certificate, Buffer.from(present(asked["Signature"]), "base64")));
    },
    { deliverTo: ["127.0.0.0/8"] },
  );

  onTopics(`AWS's own validator accepts what a topic signs by version ${version}, and nothing else`, async (scene) => {
    covers("sns/5.5-validator", "sns/5.5-canonical", "sns/5.5-versions", "sns/5.5-certificate");
    const { sns, topic, queue, subscribe, bodies, endpoint, context } = scene;
    const front = await tlsFront(context);
    front.forwardTo(endpoint);
    const TopicArn = await topic("news", { SignatureVersion: version });
    const inbox = await queue();
    await subscribe(TopicArn, inbox, {});
    await sns.publish({ TopicArn, Subject: "Über", Message: "zwei\nZeilen – \u{1f680}" });
    const [body] = await bodies(inbox);
    const sent = JSON.parse(present(body)) as Message;
    assert.equal(sent["SignatureVersion"], version);
    // The server's own address has no TLS; with --public-url it is the front's.
    const message = { ...sent, SigningCertURL: present(sent["SigningCertURL"]).replace(endpoint, front.url) };
    const hosts = new RegExp(`^${new URL(front.url).host}$`);
    assert.equal(await validated(message, hosts), null);
    assert.match(String(await validated({ ...message, Message: "other" }, hosts)), /signature/);
    assert.match(String(await validated({ ...message, TopicArn: `${TopicArn}2` }, hosts)), /signature/);
    assert.match(String(await validated(message)), /certificate/); // Without the pattern only Amazon's hosts will do.
  });
}

onTopics("messages of FIFO topics are not signed", async ({ sns, topic, queue, subscribe, bodies }) => {
  const TopicArn = await topic("news.fifo", { ContentBasedDeduplication: "true" });
  const inbox = await queue("inbox.fifo");
  await subscribe(TopicArn, inbox, {});
  await sns.publish({ TopicArn, Message: "hello", MessageGroupId: "g" });
  const message = JSON.parse(present((await bodies(inbox))[0])) as Message;
  assert.deepEqual(
    ["Signature", "SignatureVersion", "SigningCertURL"].filter((name) => name in message),
    [],
  );
  assert.ok("UnsubscribeURL" in message);
});
