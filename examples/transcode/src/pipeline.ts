/** Customers' media files in; versions for phone, tablet and PC out, and a manifest when all of them are there. */
import { definePipeline, type Duration } from "millrace/worker";
import { join } from "node:path";
import type { FormatName } from "./formats.ts";
import { Job, Ready, Upload, Version } from "./messages.ts";

const program = (name: string) => [process.execPath, join(import.meta.dirname, name)];
const common = {
  // For how long a worker that died keeps a job from the others. While a command runs, heartbeats extend it.
  lease: (process.env["TRANSCODE_LEASE"] ?? "60s") as Duration,
  timeout: "6h",
  // A machine that vanishes counts as a receive, and is not the file's fault.
  maxReceives: 10,
  concurrency: 1,
} as const;

export const transcode = definePipeline("transcode", (p) => {
  const probe = p.exec("probe", {
    ...common,
    input: Upload,
    outputs: { job: Job },
    command: program("probe.ts"),
    idempotency: { key: (m) => m.media },
  });

  const encode = <Name extends FormatName>(format: Name) =>
    p.exec(format, {
      ...common,
      input: Job,
      outputs: { version: Version },
      command: program("encode.ts"),
      idempotency: { key: (m) => m.media },
    });
  const [phone, tablet, pc] = [encode("phone"), encode("tablet"), encode("pc")];

  const publish = p.join("publish", {
    input: Version,
    outputs: { ready: Ready },
    topics: { ready: "transcode-ready" },
    key: (m) => m.media,
    distinct: (m) => m.format,
    expect: (m) => m.formats,
    run: async (versions, ctx) => {
      const [{ media }] = versions;
      const manifest = `manifests/${media}.json`;
      await ctx.objects.put(manifest, JSON.stringify({ media, versions }, undefined, 2), { contentType: "application/json" });
      ctx.emit("ready", { media, manifest });
    },
  });

  probe.on.job.filter({ format: ["phone"] }).to(phone);
  probe.on.job.filter({ format: ["tablet"] }).to(tablet);
  probe.on.job.filter({ format: ["pc"] }).to(pc);
  for (const { on } of [phone, tablet, pc]) on.version.to(publish);
  return { probe, phone, tablet, pc, publish };
});
