import type { Call } from "../../../wire/api.ts";
import type { Publication } from "../rules/publication.ts";
import type { DeliveryReports } from "../needs.ts";
import type { AcceptedPublication, DeliveryCounts, NewPublication, TopicRef } from "../store/store.ts";
import { SIGNATURE_VERSIONS, textToSign, type SignatureVersion, type SignedFields } from "../rules/signature.ts";
import { topicArn } from "../rules/topic-arn.ts";
import type { Context, SignatureVersions } from "./context.ts";

/**
 * Publishes messages, and has said aloud what their subscriptions did not take. @throws {ServiceError}
 */
export async function published(
  context: Context,
  call: Call,
  { topic, publications, batch }: { topic: TopicRef; publications: readonly Publication[]; batch: boolean },
): Promise<readonly AcceptedPublication[]> {
  const traceHeader = call.headers["x-amzn-trace-id"] ?? null;
  const arn = topicArn(topic);
  let messages: readonly NewPublication[] = publications.map((publication) => ({ ...newPublication(context, publication), traceHeader }));
  for (let version = context.signatureVersions.get(arn); ;) {
    if (version !== undefined) messages = await signed(context, { arn, version, messages });
    const answer = await context.store.publish({ topic, messages, batch });
    remember(context.signatureVersions, arn, answer.signedBy);
    if (answer.accepted === null) {
      version = answer.signedBy; // Nobody has asked for it before, or for another one.
      continue;
    }
    tell(context.reports, arn, answer);
    if (answer.waits === true) context.wake();
    return answer.accepted;
  }
}

/** Topics of which it is remembered how their messages are signed: those that are forgotten are asked again. */
const REMEMBERED_MAX = 10_000;

function remember(versions: SignatureVersions, arn: string, version: SignatureVersion | null): void {
  if (versions.size >= REMEMBERED_MAX) versions.clear();
  if (version === null) versions.delete(arn);
  else versions.set(arn, version);
}

/** Messages with the signature of each text that a subscriber may get. */
async function signed(
  { signer }: Pick<Context, "signer">,
  { arn, version, messages }: { arn: string; version: SignatureVersion; messages: readonly NewPublication[] },
): Promise<NewPublication[]> {
  return await Promise.all(
    messages.map(async (message) => {
      const signatures = textsOf(message).map(async (text) => {
        return { version, text, ...(await signer.sign(version, textToSign(fieldsOf(message, text, arn)))) };
      });
      return { ...message, signatures: await Promise.all(signatures) };
    }),
  );
}

/**
 * The same at once, by both versions. What is signed so is committed with what it tells of and cannot be signed anew, and
 * the version that is remembered may be another than the topic has by then.
 */
export function signedNow({ signer }: Pick<Context, "signer">, arn: string, message: NewPublication): NewPublication {
  const signatures = SIGNATURE_VERSIONS.flatMap((version) =>
    textsOf(message).map((text) => ({ version, text, ...signer.signNow(version, textToSign(fieldsOf(message, text, arn))) })),
  );
  return { ...message, signatures };
}

function textsOf({ texts }: NewPublication): readonly string[] {
  return [...new Set(Object.values(texts))];
}

function fieldsOf({ id, subject, timestamp }: NewPublication, text: string, arn: string): SignedFields {
  return { Type: "Notification", MessageId: id, TopicArn: arn, Subject: subject ?? undefined, Message: text, Timestamp: timestamp };
}

export function newPublication({ random, clock }: Pick<Context, "random" | "clock">, publication: Publication): NewPublication {
  return { ...publication, id: random.uuid(), timestamp: new Date(clock.nowMs()).toISOString(), traceHeader: null, signatures: [] };
}

/** Says aloud what became of a message at the endpoints. */
export function tell(reports: DeliveryReports, topicArn: string, { delivered, failed, failedBesides = [] }: DeliveryCounts): void {
  if (delivered > 0) reports.delivered(topicArn, delivered);
  for (const one of failed) reports.failed(one);
  reports.failedBesides(topicArn, failedBesides);
}
