/** What a device is served. */
export interface Format {
  /** Rows; what has fewer is not enlarged. */
  readonly heightMax: number;
  /** The profile of H.264 that every device of its kind decodes. */
  readonly profile: "baseline" | "main" | "high";
  /** x264's constant rate factor: higher is smaller and worse. */
  readonly rateFactor: number;
  readonly audioKbps: number;
}

export const FORMAT_NAMES = ["phone", "tablet", "pc"] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

export const FORMATS: Readonly<Record<FormatName, Format>> = {
  phone: { heightMax: 240, profile: "baseline", rateFactor: 28, audioKbps: 64 },
  tablet: { heightMax: 480, profile: "main", rateFactor: 26, audioKbps: 96 },
  pc: { heightMax: 720, profile: "high", rateFactor: 23, audioKbps: 160 },
};

/** Where a version is, by what it is made from: made twice, it is in the same place. */
export function versionKey({ media, format, kind }: { media: string; format: FormatName; kind: "video" | "audio" }): string {
  return `versions/${media}/${format}.${kind === "video" ? "mp4" : "m4a"}`;
}

/** What ffmpeg is told between its input and its output. */
export function encoding({ heightMax, profile, rateFactor, audioKbps }: Format, kind: "video" | "audio"): string[] {
  const audio = ["-c:a", "aac", "-b:a", `${audioKbps}k`, "-ac", "2"];
  if (kind === "audio") return ["-map", "0:a:0", "-vn", ...audio];
  // Widths and heights are even, as most decoders want them. Pictures on the cover of a record are no video (V).
  const scale = `scale=-2:'2*trunc(min(${heightMax},ih)/2)'`;
  const video = ["-c:v", "libx264", "-profile:v", profile, "-preset", "veryfast", "-crf", String(rateFactor), "-pix_fmt", "yuv420p"];
  return ["-map", "0:V:0", "-map", "0:a:0?", "-vf", scale, ...video, ...audio, "-movflags", "+faststart"];
}

/**
 * How far ffmpeg is, by a line that `-progress` writes: `out_time_us=1234567`, microseconds of the output.
 * @returns a fraction; `undefined` for any other line.
 */
export function fractionOf(line: string, seconds: number): number | undefined {
  const [, microseconds] = /^out_time_us=(\d+)$/.exec(line) ?? [];
  return microseconds === undefined ? undefined : Math.min(1, Number(microseconds) / 1_000_000 / seconds);
}
