import { createVerifier, type Credential, type Verifier } from "../auth/index.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Logger } from "../kernel/logger.ts";
import type { Random } from "../kernel/random.ts";
import { createObjects, type BlobStore, type ObjectService, type ObjectsOptions } from "../services/objects/index.ts";
import { createQueues, type Queues } from "../services/queues/index.ts";
import { createTopics, Reachable, signingKey, type Topics } from "../services/topics/index.ts";
import type { Storage } from "../storage/storage.ts";
import { compileApi, type CompiledApi } from "../wire/protocols.ts";
import { BadSetting, type ServerConfig } from "./config.ts";
import { hostGuard } from "./host-guard.ts";
import type { Handler } from "./http.ts";
import { deliveryReports, eventTargets } from "./links.ts";
import { Meter } from "./meter.ts";
import { TrustedProxies } from "./origin.ts";
import { createOwnPages, type OwnPagesOptions } from "./own-pages.ts";
import { createPipeline } from "./pipeline.ts";
import { QueuePageSteps } from "./queue-pages.ts";
import { restService } from "./rest.ts";
import type { SnapshotPages } from "./snapshot-pages.ts";
import { SparingLog } from "./sparing-log.ts";

export interface ServicesOptions {
  readonly config: ServerConfig;
  /** None: callers need no signature. */
  readonly credentials: readonly Credential[];
  readonly storage: Storage;
  readonly blobs: BlobStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Is told a figure for health and metrics when it changes. */
  readonly report: (name: string, value: number) => void;
  /** Absent on the only thread. */
  readonly threads?: Pick<ObjectsOptions, "severalThreads" | "joins" | "heldElsewhere">;
  /** Says to the thread that sends to HTTP endpoints that there may be something to send; absent on that one. */
  readonly wakeDeliveries?: () => void;
}

/** The services and who may ask them: what each thread that answers requests has for itself. */
export interface Services {
  readonly queues: Queues;
  readonly queuesApi: CompiledApi;
  readonly topics: Topics;
  readonly objects: ObjectService;
  readonly verifier: Verifier;
  readonly mode: "keys" | "dev";
  /** Whether a signature must have been made for the very service that is asked. */
  readonly exactScope: boolean;
  readonly meter: Meter;
}

export function createServices(options: ServicesOptions): Services {
  const { config, credentials, storage, blobs, clock, random, logger } = options;
  const mode = credentials.length > 0 ? "keys" : "dev";
  const exactScope = mode === "keys";
  const queues = createQueues({ storage, random, ownAccountAsked: mode === "keys" });
  const meter = new Meter();
  const told = { log: new SparingLog({ logger, clock }), meter };
  const signer = signingKey(config.memory ? undefined : config.data, clock);
  const topics = createTopics({
    storage,
    clock,
    random,
    reports: deliveryReports(told),
    signer,
    logger,
    ownAccountAsked: mode === "keys",
    reachable: reachableFrom(config),
    ...(options.wakeDeliveries === undefined ? {} : { wakeElsewhere: options.wakeDeliveries }),
  });
  const events = eventTargets({ queues, topics }, told);
  const known = { logger, report: options.report, events, baseHosts: config.baseHost };
  const objects = createObjects({ storage, blobs, clock, random, ...known, ...options.threads });
  const bucketOfHost = (host: string) => objects.bucketOfHost(host);
  const verifier = createVerifier({ clock, credentials, mode, defaultRegion: config.region, defaultAccount: config.account, bucketOfHost });
  return { queues, queuesApi: compileApi(queues.api), topics, objects, verifier, mode, exactScope, meter };
}

export interface PagesOptions extends Pick<OwnPagesOptions, "health" | "whole"> {
  /** Absent where another thread answers for them. */
  readonly snapshotPages?: SnapshotPages;
}

/** The steps that answer a request with these services. */
export function answering(services: Services, options: ServicesOptions, { snapshotPages, ...pages }: PagesOptions): Handler {
  const { queues, queuesApi: api, topics, objects, verifier, mode, exactScope, meter } = services;
  const { config, clock, random, logger } = options;
  const asked = { verifier, exactScope };
  return createPipeline({
    apis: [api, compileApi(topics.api)],
    objects: restService(objects, verifier, exactScope),
    ...asked,
    guard: mode === "keys" ? undefined : hostGuard({ hosts: knownHosts(config), baseHosts: config.baseHost }),
    queuePages: new QueuePageSteps({ pages: queues.pages, api, developerApi: compileApi(queues.developerApi), ...asked }),
    ownPages: createOwnPages({ ...pages, certificateAt: (path) => topics.certificateAt(path) }),
    ...(snapshotPages === undefined ? {} : { snapshotPages }),
    publicUrl: config.publicUrl,
    proxies: new TrustedProxies(config.trustedProxy),
    clock,
    random,
    logger,
    meter,
  });
}

/** @throws {BadSetting} */
function reachableFrom({ deliverTo }: ServerConfig): Reachable {
  try {
    return new Reachable(deliverTo);
  } catch (error) {
    throw new BadSetting(`deliver-to: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

function knownHosts(config: ServerConfig): string[] {
  const fromUrl = config.publicUrl === undefined ? [] : [new URL(config.publicUrl).hostname];
  return [config.host, ...config.allowHost, ...config.baseHost, ...fromUrl];
}
