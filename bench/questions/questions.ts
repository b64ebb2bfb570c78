import type { Question } from "../answer.ts";
import { doesABacklogSlowReceives } from "./does-a-backlog-slow-receives.ts";
import { doesANoisyTenantSlowQuietOnes } from "./does-a-noisy-tenant-slow-quiet-ones.ts";
import { howFastAreLargeBodies } from "./how-fast-are-large-bodies.ts";
import { howFastIsABatch } from "./how-fast-is-a-batch.ts";
import { howFastIsACycleOfSingles, howFastIsACycleOfTens } from "./how-fast-is-a-cycle.ts";
import { howFastIsAFifoCycle, howFastIsAFifoQueue } from "./how-fast-is-a-fifo-queue.ts";
import { howFastIsAMixedLoad } from "./how-fast-is-a-mixed-load.ts";
import { howFastIsAPublish, howFastIsARawPublish } from "./how-fast-is-a-publish.ts";
import { howFastIsASend } from "./how-fast-is-a-send.ts";
import { howMuchMemoryDoesItTakeIdle } from "./how-much-memory-does-it-take-idle.ts";
import { howSoonDoesALongPollWake } from "./how-soon-does-a-long-poll-wake.ts";
import { howSoonDoesItServe } from "./how-soon-does-it-serve.ts";
import { whatDoFilterPoliciesCost } from "./what-do-filter-policies-cost.ts";
import { whatDoManyQueuesCost } from "./what-do-many-queues-cost.ts";
import { whatDoSlowClientsDoToOthers } from "./what-do-slow-clients-do-to-others.ts";
import { whatDoTenMillionMessagesChange } from "./what-do-ten-million-messages-change.ts";
import { whatDoTenThousandLongPollsCost } from "./what-do-ten-thousand-long-polls-cost.ts";
import { whatDoesASignatureCost } from "./what-does-a-signature-cost.ts";

/** In the order in which they are asked and stand in the results. */
export const QUESTIONS: readonly Question[] = [
  howFastIsASend,
  howFastIsABatch,
  howFastIsACycleOfTens,
  howFastIsACycleOfSingles,
  howFastIsAMixedLoad,
  howFastAreLargeBodies,
  howFastIsAFifoQueue,
  howFastIsAFifoCycle,
  howFastIsAPublish,
  howFastIsARawPublish,
  whatDoFilterPoliciesCost,
  whatDoesASignatureCost,
  howSoonDoesItServe,
  howMuchMemoryDoesItTakeIdle,
  doesABacklogSlowReceives,
  whatDoTenMillionMessagesChange,
  whatDoManyQueuesCost,
  howSoonDoesALongPollWake,
  whatDoTenThousandLongPollsCost,
  whatDoSlowClientsDoToOthers,
  doesANoisyTenantSlowQuietOnes,
];
