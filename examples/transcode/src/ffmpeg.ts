import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

/**
 * Files come from strangers, and playlists among the formats name other files and hosts: only containers are read, and
 * only from the disk.
 */
const CONTAINERS = "mov,matroska,avi,mpeg,mpegts,flv,asf,ogg,mp3,wav,flac,aac,aiff";
const STRANGE = ["-protocol_whitelist", "file", "-format_whitelist", CONTAINERS];

/** What a file is, as ffprobe sees it. */
export interface Found {
  readonly kind: "video" | "audio";
  readonly codec: string;
  /** Rows; 0 of sound. */
  readonly height: number;
  readonly seconds: number;
}

interface Probed {
  readonly format?: { readonly duration?: string };
  readonly streams?: readonly {
    readonly codec_type?: string;
    readonly codec_name?: string;
    readonly height?: number;
    readonly disposition?: { readonly attached_pic?: number };
  }[];
}

/** @returns `undefined` where it is no media file, or one of no known length. @throws when there is no ffprobe. */
export async function probe(path: string): Promise<Found | undefined> {
  const entries = "format=duration:stream=codec_type,codec_name,height:stream_disposition=attached_pic";
  const child = spawn("ffprobe", ["-v", "error", ...STRANGE, "-show_entries", entries, "-of", "json", path], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [json, [code]] = await Promise.all([text(child.stdout), once(child, "close") as Promise<[number | null]>]);
  if (code !== 0) return undefined;
  const { format, streams = [] } = JSON.parse(json) as Probed;
  const seconds = Number(format?.duration);
  const video = streams.find(({ codec_type, disposition }) => codec_type === "video" && disposition?.attached_pic !== 1);
  const stream = video ?? streams.find(({ codec_type }) => codec_type === "audio");
  if (stream === undefined || !(seconds > 0)) return undefined;
  return { kind: video === undefined ? "audio" : "video", codec: stream.codec_name ?? "", height: video?.height ?? 0, seconds };
}

/** Runs ffmpeg. @param onProgress each line of what it says of its progress: `name=value`. @throws when it fails. */
export async function convert(
  files: { readonly from: string; readonly to: string },
  encoding: readonly string[],
  onProgress: (line: string) => void,
): Promise<void> {
  const told = ["-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", "-y", ...STRANGE, "-i", files.from, ...encoding, files.to];
  const child = spawn("ffmpeg", told, { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", onProgress);
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code ?? signal}`);
}
