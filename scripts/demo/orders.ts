import { readFileSync, readdirSync } from "node:fs";
import { PHOTOS_PER_BATCH_MAX } from "../../examples/photos/src/jobs.ts";
import type { Operations } from "../../examples/photos/src/jobs.ts";

/** A photo and what is to be done with it. */
export interface Order {
  readonly name: string;
  readonly bytes: Buffer;
  readonly operations: Operations;
  /** False for files that no worker can use, and that none may die of. */
  readonly isUsable: boolean;
}

const FOLDER = new URL("../../examples/photos/photos/", import.meta.url);

const ROUNDS: readonly Operations[] = [
  { enhance: true, crop: { shape: "square" }, thumbnail: true },
  { recolour: { style: "sepia" }, watermark: { text: "© Millrace" } },
  { enhance: true, recolour: { style: "greyscale" }, crop: { shape: "wide" }, watermark: { text: "Millrace" }, thumbnail: true },
];

/** What only server B does, where there are faces. */
const RETOUCHES: Readonly<Record<string, Operations>> = {
  "portrait.jpg": {
    redEye: { regions: [{ left: 0.2, top: 0.3, width: 0.6, height: 0.18 }] },
    teeth: { regions: [{ left: 0.32, top: 0.6, width: 0.35, height: 0.1 }] },
  },
  "astronaut.jpg": { teeth: { regions: [{ left: 0.38, top: 0.26, width: 0.12, height: 0.06 }] } },
  "commodore.jpg": { redEye: { regions: [{ left: 0.33, top: 0.25, width: 0.3, height: 0.12 }] } },
};

/** The bundled photos in turn, each round with other operations, and, where a batch has room for them, two files that are none. */
export function demoOrders(count: number): Order[] {
  const names = readdirSync(FOLDER).filter((name) => name.endsWith(".jpg"));
  const files = names.map((name) => ({ name, bytes: readFileSync(new URL(name, FOLDER)) }));
  const orders = Array.from({ length: count }, (_, place): Order => {
    const round = Math.floor(place / files.length);
    const file = files[place % files.length];
    const { name, bytes } = file ?? { name: "", bytes: Buffer.alloc(0) };
    const operations = { ...ROUNDS[round % ROUNDS.length], ...RETOUCHES[name] };
    return { name: `${name.slice(0, -".jpg".length)}-${round + 1}.jpg`, bytes, operations, isUsable: true };
  });
  if (count + 2 > PHOTOS_PER_BATCH_MAX) return orders;
  const whole = files.find(({ name }) => name === "raccoon.jpg")?.bytes ?? Buffer.alloc(0);
  const broken = [
    { name: "cut-short.jpg", bytes: whole.subarray(0, whole.length / 2) },
    { name: "no-photo.jpg", bytes: Buffer.from("This is a letter and not a photo.\n") },
  ];
  return [...orders, ...broken.map((file) => ({ ...file, operations: { enhance: true } as const, isUsable: false }))];
}
