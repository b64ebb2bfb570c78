/** Image analysis in two steps: what step 1 finds is stored and published to a topic, and step 2 draws it. */
import { definePipeline, Reject } from "millrace/worker";
import { z } from "zod";
import { analyse, drawCard } from "./image.ts";

const Photo = z.object({ photo: z.string(), key: z.string() });
const Finding = z.object({ photo: z.string(), key: z.string(), analysis: z.string(), width: z.number(), height: z.number() });

export const twoStep = definePipeline("two-step", (p) => {
  const analyseStage = p.stage("analyse", {
    input: Photo,
    outputs: { found: Finding },
    // A topic also for one subscriber: other programs may listen to what was found.
    topics: { found: "two-step-found" },
    concurrency: 2,
    timeout: "5m",
    idempotency: { key: (m) => m.photo },
    run: async ({ photo, key }, ctx) => {
      const bytes = await ctx.objects.get(key, { signal: ctx.signal });
      if (bytes === undefined) throw new Reject(`there is no ${key}`);
      ctx.progress(0.2, "Looking at every pixel");
      const { width, height, ...found } = await analyse(bytes);
      const analysis = `analysis/${photo}.json`;
      await ctx.objects.put(analysis, JSON.stringify({ photo, width, height, ...found }), { contentType: "application/json" });
      ctx.emit("found", { photo, key, analysis, width, height });
    },
  });

  const draw = p.stage("draw", {
    input: Finding,
    concurrency: 2,
    timeout: "5m",
    idempotency: { key: (m) => m.photo },
    run: async ({ photo, key, analysis }, ctx) => {
      const [picture, found] = await Promise.all([ctx.objects.get(key), ctx.objects.get(analysis)]);
      if (picture === undefined || found === undefined) throw new Reject(`what was found of ${photo} is gone`);
      await ctx.objects.put(`cards/${photo}.png`, await drawCard(picture, JSON.parse(Buffer.from(found).toString())), {
        contentType: "image/png",
      });
    },
  });

  analyseStage.on.found.to(draw);
  return { analyse: analyseStage, draw };
});
