import { z } from "zod";
import { FORMAT_NAMES } from "./formats.ts";

/** A file that a customer has uploaded. `media` names what it becomes: no two files share one. */
export const Upload = z.object({ media: z.string(), key: z.string() });
export type Upload = z.infer<typeof Upload>;

/** One version that is to be made. `formats`: how many there are to be of this file. */
export const Job = Upload.extend({
  format: z.enum(FORMAT_NAMES),
  formats: z.number(),
  kind: z.enum(["video", "audio"]),
  seconds: z.number(),
});
export type Job = z.infer<typeof Job>;

/** A version that is there. `height` in rows; 0 of sound. */
export const Version = z.object({
  media: z.string(),
  format: z.enum(FORMAT_NAMES),
  formats: z.number(),
  key: z.string(),
  codec: z.string(),
  height: z.number(),
  seconds: z.number(),
  bytes: z.number(),
});
export type Version = z.infer<typeof Version>;

/** All versions are there, and the manifest lists them. */
export const Ready = z.object({ media: z.string(), manifest: z.string() });
