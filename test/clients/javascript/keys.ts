import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { ListQueuesCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { refusalOf, type Tally } from "./tally.ts";

/** Wrong keys: taken on a server without credentials, refused by one that has them. */
export async function keyScenario(tally: Tally, config: Pick<SQSClientConfig, "endpoint" | "region">, mode: string): Promise<void> {
  const known = process.env["AWS_ACCESS_KEY_ID"] ?? "";
  const strangers = [
    { who: "a wrong secret", accessKeyId: known, sqs: "SignatureDoesNotMatch", s3: "SignatureDoesNotMatch" },
    { who: "an unknown key", accessKeyId: "AKSTRANGER", sqs: "InvalidClientTokenId", s3: "InvalidAccessKeyId" },
  ];
  for (const { who, accessKeyId, ...refusals } of strangers) {
    const credentials = { accessKeyId, secretAccessKey: "this-is-not-the-secret" };
    await tally.step(`${who} in ${mode} mode`, async () => {
      const sqs = new SQSClient({ ...config, credentials });
      const s3 = new S3Client({ ...config, credentials });
      assert.equal(await refusalOf(sqs.send(new ListQueuesCommand({}))), mode === "keys" ? refusals.sqs : "none");
      assert.equal(await refusalOf(s3.send(new ListBucketsCommand({}))), mode === "keys" ? refusals.s3 : "none");
      sqs.destroy();
      s3.destroy();
    });
  }
}
