import sharp from "sharp";

/** What step 1 finds in a photo. */
export interface Analysis {
  readonly width: number;
  readonly height: number;
  /** Five colours that the photo is made of, the most frequent first: `#a1b2c3`. */
  readonly palette: readonly string[];
  /** 0 for one colour everywhere, up to 8 for noise. */
  readonly entropy: number;
}

const SAMPLE_SIDE = 96;
const PALETTE_SIZE = 5;
const CARD_WIDTH = 480;
const BAND_HEIGHT = 64;

/** Decoders meet files from strangers: no more than 64 million pixels. */
const open = (bytes: Uint8Array) => sharp(bytes, { limitInputPixels: 64_000_000, failOn: "error" }).rotate();

/** @throws when the bytes are not a picture. */
export async function analyse(bytes: Uint8Array): Promise<Analysis> {
  const { data, info } = await open(bytes)
    .removeAlpha()
    .toColourspace("srgb")
    .resize(SAMPLE_SIDE, SAMPLE_SIDE, { fit: "fill" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = await sizeOf(bytes);
  const { entropy } = await sharp(bytes).stats();
  return { width, height, palette: paletteOf(data, info.channels), entropy: Math.round(entropy * 1000) / 1000 };
}

/** The photo with its palette below. */
export async function drawCard(bytes: Uint8Array, { palette }: Pick<Analysis, "palette">): Promise<Buffer> {
  const picture = await open(bytes).resize({ width: CARD_WIDTH }).png().toBuffer({ resolveWithObject: true });
  const width = CARD_WIDTH / palette.length;
  const bands = palette.map((colour, index) => ({
    input: { create: { width: Math.ceil(width), height: BAND_HEIGHT, channels: 3 as const, background: colour } },
    left: Math.floor(index * width),
    top: picture.info.height,
  }));
  const canvas = { create: { width: CARD_WIDTH, height: picture.info.height + BAND_HEIGHT, channels: 3 as const, background: "#ffffff" } };
  return await sharp(canvas)
    .composite([{ input: picture.data, left: 0, top: 0 }, ...bands])
    .png()
    .toBuffer();
}

async function sizeOf(bytes: Uint8Array): Promise<{ width: number; height: number }> {
  const { autoOrient } = await sharp(bytes).metadata();
  return { width: autoOrient.width, height: autoOrient.height };
}

/** Colours in boxes of thirty-two shades a side, each box named by the mean of what is in it. */
function paletteOf(pixels: Buffer, channels: number): string[] {
  const boxes = new Map<number, { count: number; sums: [number, number, number] }>();
  for (let at = 0; at + 2 < pixels.length; at += channels) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    const name = ((red >> 5) << 6) | ((green >> 5) << 3) | (blue >> 5);
    const box = boxes.get(name) ?? { count: 0, sums: [0, 0, 0] };
    boxes.set(name, { count: box.count + 1, sums: [box.sums[0] + red, box.sums[1] + green, box.sums[2] + blue] });
  }
  const frequent = [...boxes.values()].sort((a, b) => b.count - a.count).slice(0, PALETTE_SIZE);
  return frequent.map(
    ({ count, sums }) =>
      `#${sums
        .map((sum) =>
          Math.round(sum / count)
            .toString(16)
            .padStart(2, "0"),
        )
        .join("")}`,
  );
}
