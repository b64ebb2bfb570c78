import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { covers } from "../../contract/covers.ts";
import { onBothProtocols } from "./harness.ts";

const scratch = mkdtempSync(join(tmpdir(), "millrace-encryption-"));
after(() => rmSync(scratch, { recursive: true }));
const masterKey = join(scratch, "master.key");
writeFileSync(masterKey, `${Buffer.alloc(32, 7).toString("base64")}\n`, { mode: 0o600 });

/** Whether the text stands in any file below the directory. */
function onDisk(directory: string, text: string): boolean {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).map((name) => join(directory, name));
  return files.some((file) => statSync(file).isFile() && readFileSync(file).includes(text));
}

for (const encrypted of [true, false]) {
  const setting = encrypted ? "on, as it is by default" : "off";
  const data = mkdtempSync(join(scratch, "data-"));
  onBothProtocols(
    `with encryption ${setting}, a master key ${encrypted ? "keeps the body off the disk" : "leaves the body plain"}, and the receiver sees no difference`,
    async ({ call, queue, receive, protocol }) => {
      const QueueUrl = await queue(encrypted ? {} : { SqsManagedSseEnabled: "false" });
      const MessageBody = `${protocol}: the body of a test with encryption ${setting}`;
      const StringValue = `${protocol}: an attribute with encryption ${setting}`;
      const MessageAttributes = { about: { DataType: "String", StringValue } };
      const sent = await call("SendMessage", { QueueUrl, MessageBody, MessageAttributes });
      covers("sqs/10-encryption");
      const [message] = await receive(QueueUrl);
      assert.equal(message?.Body, MessageBody);
      assert.equal(message.MD5OfBody, createHash("md5").update(MessageBody).digest("hex"));
      assert.equal(message.MD5OfBody, sent.MD5OfMessageBody);
      assert.equal(onDisk(data, MessageBody), !encrypted);
      assert.equal(onDisk(data, StringValue), true);
      const { Attributes } = await call("GetQueueAttributes", { QueueUrl, AttributeNames: ["SqsManagedSseEnabled"] });
      assert.deepEqual(Attributes, { SqsManagedSseEnabled: String(encrypted) });
    },
    { memory: false, data, masterKey },
  );
}
