import { assert } from "../../kernel/assert.ts";
import { systemClock, type Clock } from "../../kernel/clock.ts";
import { SECOND_MS } from "../../kernel/units.ts";
import type { Handler } from "../exec/handler.ts";
import { durationMs, type Duration } from "../rules/duration.ts";
import { pushHeaders, pushUrl } from "../rules/push.ts";
import { RetryLater } from "../verdicts.ts";
import { post, type PostAnswer } from "./post.ts";

/** Defaults are those of the worker daemon of Elastic Beanstalk. */
export interface PushOptions {
  /** Where messages are posted to; those of periodic tasks go to their own path on the same host. */
  readonly url: string;
  /** The queue's name, for the header that has it. */
  readonly queueName: string;
  /** Default `application/json`. */
  readonly mimeType?: string;
  /** Default `"5s"`. */
  readonly connectTimeout?: Duration;
  /** How long the application may take for its answer. Default `"299s"`. */
  readonly inactivityTimeout?: Duration;
  /** After how long a message comes back that was not answered with 200. Default `"2s"`. */
  readonly errorVisibility?: Duration;
  readonly clock?: Clock;
}

/**
 * A handler that posts each message to a web application, as the worker daemon of Elastic Beanstalk does: 200 is done; any
 * other answer, or none, brings the message back after `errorVisibility`. Run it with a `concurrency` of as many connections as the
 * application may have, 50 there, and the body `"text"`: a text is posted as it is, any other value as JSON.
 * @throws {AssertionFailed} the URL is none.
 */
export function pushHandler(options: PushOptions): Handler {
  const { url, queueName, mimeType = "application/json", clock = systemClock() } = options;
  assert(/^https?:$/.test(URL.parse(url)?.protocol ?? ""), `url must begin with http:// or https://, not ${JSON.stringify(url)}`);
  const connectMs = durationMs(options.connectTimeout ?? 5 * SECOND_MS, "connectTimeout");
  const answerMs = durationMs(options.inactivityTimeout ?? 299 * SECOND_MS, "inactivityTimeout");
  const errorVisibilityMs = durationMs(options.errorVisibility ?? 2 * SECOND_MS, "errorVisibility");
  return async (message, ctx) => {
    const { id, receiveCount, attributes, system, signal } = ctx;
    const firstReceivedMs = Number(system["ApproximateFirstReceiveTimestamp"] ?? clock.nowMs());
    const pushed = { id, receiveCount, queueName, firstReceivedMs, attributes, senderId: system["SenderId"] };
    const body = typeof message === "string" ? message : JSON.stringify(message);
    const target = pushUrl(url, attributes);
    let answer: PostAnswer;
    try {
      answer = await post({ url: target, headers: pushHeaders(pushed, mimeType), body, clock, connectMs, answerMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      throw new RetryLater(errorVisibilityMs, `${target.href}: ${failureText(error)}`);
    }
    if (answer.status === 200) return;
    throw new RetryLater(errorVisibilityMs, `${target.href} answered ${answer.status}${answer.text === "" ? "" : `: ${answer.text}`}`);
  };
}

/** Refused connections, one for each address of a name, have a code but no text. */
function failureText(error: unknown): string {
  const { message, code } = error as { message: string; code?: string };
  return message === "" ? (code ?? "failed") : message;
}
