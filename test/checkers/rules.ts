/**
 * What a history can break, by name: the promise, and the invariants that it is part of. D are about deliveries, V about
 * visibility, F about FIFO queues, X about deletion, R about receive counts and dead letters, T about time, M about
 * counts, L about being answered, S about objects, I about the start.
 */
export const RULES = {
  lost: {
    invariants: ["D1", "X2", "T1"],
    promise: "what was acknowledged is delivered, or there at the end, or deleted by a client, purged or expired",
  },
  invented: { invariants: ["D2"], promise: "what is delivered was sent: the same bytes and attributes" },
  duplicated: { invariants: ["D3", "F3"], promise: "a send makes one message; without an answer one or none" },
  unwanted: { invariants: ["D4"], promise: "what was refused does not happen" },
  early: {
    invariants: ["V1", "V2", "T2"],
    promise: "nobody receives a message while it is delayed, or while another receive hides it, crashes or not",
  },
  missed: { invariants: ["V3", "V4"], promise: "a receive that has room left hands out every message that is visible" },
  order: {
    invariants: ["F1"],
    promise: "no message is delivered while an earlier one of its group is there, but behind it in the same receive",
  },
  sequence: { invariants: ["F2"], promise: "sequence numbers rise in a queue and are the same whenever they are told" },
  remembered: { invariants: ["F3"], promise: "a send that is repeated within five minutes is answered as the message that it was" },
  "remembered-too-long": { invariants: ["F3"], promise: "a send that is repeated after five minutes is accepted anew" },
  replayed: { invariants: ["F4"], promise: "a receive that is repeated by its ReceiveRequestAttemptId gives the same messages" },
  returned: { invariants: ["X1"], promise: "what was deleted is not delivered by any later receive" },
  purged: { invariants: ["X2"], promise: "what was purged, or deleted with its queue, is not delivered by any later receive" },
  count: { invariants: ["R1"], promise: "each delivery of a message has a higher receive count than those before it" },
  overcounted: { invariants: ["R1"], promise: "the receive count tells deliveries and nothing else" },
  "kept-from-dead-letters": { invariants: ["R2"], promise: "a message is not delivered more often than its redrive policy allows" },
  "given-up-early": {
    invariants: ["R2"],
    promise: "a message is not given up before it was received as often as its redrive policy allows",
  },
  "two-places": { invariants: ["R2"], promise: "a message that moves is in one queue" },
  expired: { invariants: ["T1"], promise: "no message is delivered after its retention" },
  clock: { invariants: ["T3"], promise: "time never goes back, whatever the machine's clock does between two starts" },
  miscounted: { invariants: ["M1"], promise: "a queue's counts fit what its clients have done" },
  unwoken: { invariants: ["L1"], promise: "a receive that waits is answered as soon as a message is visible" },
  hasty: { invariants: ["L1"], promise: "a receive that waits is not answered empty before its wait is over" },
  overslept: { invariants: ["L1"], promise: "a receive that waits is answered when its wait is over" },
  overtaken: { invariants: ["L2"], promise: "who waits longer is served first" },
  unhealed: { invariants: ["L3"], promise: "when the last fault is over every operation succeeds" },
  answer: { invariants: ["L3"], promise: "a living server answers, and with nothing that nobody provoked" },
  "not-drained": {
    invariants: ["D1", "M1"],
    promise: "what is left can be received as soon as its time has come, and then the queue is empty",
  },
  opened: { invariants: ["I1"], promise: "a data directory is opened with durable settings, whole" },
  "object-lost": { invariants: ["S1"], promise: "an acknowledged object is there, and not an older one" },
  "object-returned": { invariants: ["S1"], promise: "a deleted object does not return" },
  "object-invented": { invariants: ["S1"], promise: "an object has all bytes of one PUT" },
  "object-unwanted": { invariants: ["S1"], promise: "a PUT that was refused or cut off is not there" },
  "object-wavered": { invariants: ["S1"], promise: "a PUT without an answer has happened or not, for ever" },
  "object-etag": { invariants: ["S1"], promise: "an object has the ETag of its bytes" },
  listing: { invariants: ["S1"], promise: "a listing shows the objects that can be read" },
  notice: { invariants: ["S1"], promise: "there is one event, in order, for each change of an object, and none for what did not happen" },
} as const satisfies Record<string, { invariants: readonly string[]; promise: string }>;

export type Rule = keyof typeof RULES;
