import type * as Api from "@opentelemetry/api";
import type { Attributes, Context, Link, Span, SpanStatusCode } from "@opentelemetry/api";
import { queueName, type MessageAttributes } from "./rules/outgoing.ts";
import type { ReceivedMessage } from "./sqs.ts";

/** The message attributes that carry a trace, as OpenTelemetry's instrumentations of the AWS SDKs name them. */
const FIELDS = ["traceparent", "tracestate"] as const;

/** Where the X-Ray header stands for propagators that know it. */
const XRAY_FIELD = "x-amzn-trace-id";

/** Spans by OpenTelemetry, for programs that have its API package. Without an SDK in the program they cost next to nothing. */
export interface Tracing {
  /** Runs a handler in a span of its own, which follows on the message's trace and links to whoever has made the message. */
  process(queueUrl: string, message: ReceivedMessage, run: () => Promise<void>): Promise<void>;
  /** What makes an output part of the trace that is active now, in a span for its making; nothing where none is recorded. */
  create(target: string): MessageAttributes;
}

/** @returns `undefined` where the package is not installed. */
export async function loadTracing(): Promise<Tracing | undefined> {
  let api: typeof Api;
  try {
    api = await import("@opentelemetry/api");
  } catch {
    return undefined;
  }
  const { context, propagation, ROOT_CONTEXT, SpanKind, trace } = api;
  const tracer = trace.getTracer("millrace");
  return {
    async process(queueUrl, message, run) {
      const parent = propagation.extract(ROOT_CONTEXT, carrierOf(message));
      const attributes = { ...spanAttributes("process", queueName(queueUrl)), "messaging.message.id": message.messageId };
      const links = linkOf(trace.getSpanContext(parent));
      const name = `process ${queueName(queueUrl)}`;
      const span = tracer.startSpan(name, { kind: SpanKind.CONSUMER, attributes, links }, parent);
      try {
        await context.with(trace.setSpan(parent, span), run);
      } catch (error) {
        failed(span, error, api.SpanStatusCode.ERROR);
        throw error;
      } finally {
        span.end();
      }
    },
    create(target) {
      const current: Context = context.active();
      if (trace.getSpan(current)?.isRecording() !== true) return {};
      const attributes = spanAttributes("create", destinationOf(target));
      const span = tracer.startSpan(`create ${destinationOf(target)}`, { kind: SpanKind.PRODUCER, attributes }, current);
      const carrier: Record<string, string> = {};
      propagation.inject(trace.setSpan(current, span), carrier);
      span.end();
      return Object.fromEntries(FIELDS.flatMap((name) => (carrier[name] ? [[name, { type: "String", value: carrier[name] }]] : [])));
    },
  };
}

/** The semantic conventions for messaging spans (https://opentelemetry.io/docs/specs/semconv/messaging/sqs/). */
function spanAttributes(operation: "process" | "create", destination: string): Attributes {
  return {
    "messaging.system": "aws_sqs",
    "messaging.operation.name": operation,
    "messaging.operation.type": operation,
    "messaging.destination.name": destination,
  };
}

function carrierOf({ attributes, traceHeader }: ReceivedMessage): Record<string, string> {
  const carrier: Record<string, string> = traceHeader === undefined ? {} : { [XRAY_FIELD]: traceHeader };
  for (const name of FIELDS) {
    const value = attributes[name]?.value;
    if (typeof value === "string") carrier[name] = value;
  }
  return carrier;
}

function linkOf(context: Link["context"] | undefined): Link[] {
  return context === undefined ? [] : [{ context }];
}

function failed(span: Span, error: unknown, code: SpanStatusCode): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  span.setAttribute("error.type", name);
  span.setStatus({ code, message });
}

/** The name of a queue by its URL, or of a topic by its ARN. */
function destinationOf(target: string): string {
  return target.startsWith("arn:") ? target.slice(target.lastIndexOf(":") + 1) : queueName(target);
}
