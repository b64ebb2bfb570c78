import type { Rule } from "../checkers/rules.ts";

/** A mistake between the clients and a right server (`faulty-proxy.ts`), and what it breaks. */
interface FaultOfProxy {
  readonly name: string;
  readonly breaks: Rule;
  /** Part of the load that concerns objects, 0 to 1. */
  readonly objects: number;
  /** Requests that are treated wrongly until it surely shows; 0: it shows when everything is taken out at the end. */
  readonly treated: number;
}

export const BY_PROXY: readonly FaultOfProxy[] = [
  { name: "a send is acknowledged and forgotten", breaks: "lost", objects: 0, treated: 5 },
  { name: "a send makes two messages", breaks: "duplicated", objects: 0, treated: 5 },
  { name: "a delete is acknowledged and forgotten", breaks: "returned", objects: 0, treated: 10 },
  { name: "a body is delivered with one character changed", breaks: "invented", objects: 0, treated: 10 },
  { name: "receives are not counted", breaks: "count", objects: 0, treated: 80 },
  { name: "a received message stays visible", breaks: "early", objects: 0, treated: 80 },
  { name: "an object is acknowledged and forgotten", breaks: "object-lost", objects: 0.8, treated: 20 },
  { name: "an object's removal is acknowledged and forgotten", breaks: "object-returned", objects: 0.8, treated: 20 },
  { name: "half of an object is read", breaks: "object-invented", objects: 0.8, treated: 10 },
  { name: "a refused object is kept", breaks: "object-unwanted", objects: 0.8, treated: 10 },
  { name: "an object's event is forgotten", breaks: "notice", objects: 0.8, treated: 0 },
];

/** A mistake in the server, which a module plants that is loaded before its own, and what one of these kills shows of it. */
interface FaultOfServer {
  readonly name: string;
  readonly breaks: readonly Rule[];
  readonly fixture: string;
  readonly kills: number;
}

export const BY_KILLS: readonly FaultOfServer[] = [
  {
    name: "an engine answers before it commits",
    // Whatever was answered and not committed: a send, a delete or a receive, as it comes.
    breaks: ["lost", "returned", "count"],
    fixture: "uncommitted.fixture.ts",
    kills: 3,
  },
];

export const BY_KILLS_OF_FIFO: readonly FaultOfServer[] = [
  { name: "a server forgets what it has accepted", breaks: ["remembered"], fixture: "fifo/forgets.fixture.ts", kills: 1 },
  {
    name: "a server frees a group although messages of it are in flight",
    breaks: ["order"],
    fixture: "fifo/frees.fixture.ts",
    kills: 1,
  },
];
