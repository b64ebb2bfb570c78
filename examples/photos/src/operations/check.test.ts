import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { bundledFile, pixel } from "./bundled.suite.ts";
import { PIXELS_MAX, RESULT_SIDE_MAX, Unusable, openPhoto } from "./check.ts";

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(named));
  return Buffer.concat([head, named, tail]);
}

/** A black PNG of one bit a pixel: some kilobytes for hundreds of millions of pixels. */
function pngOf(width: number, height: number, rows: number = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * rows), { level: 9 });
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

async function refusal(bytes: Buffer): Promise<string> {
  const failure = await openPhoto(bytes).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  assert.ok(failure instanceof Unusable, `refused as unusable, not ${String(failure)}`);
  return failure.message;
}

describe("opening a photo", () => {
  it("takes every bundled photo", async () => {
    for (const name of ["astronaut", "mountains", "dogs", "portrait"]) assert.ok((await openPhoto(await bundledFile(name))).width > 0);
  });

  it("takes JPEG, PNG, WebP, AVIF, GIF and TIFF", async () => {
    const photo = sharp(await bundledFile("cat"));
    for (const format of ["jpeg", "png", "webp", "avif", "gif", "tiff"] as const) {
      const { width, height } = await openPhoto(await photo.clone().toFormat(format).toBuffer());
      assert.deepEqual([width, height], [451, 300], format);
    }
  });

  it("turns a photo upright as its camera says", async () => {
    const turned = await sharp(await bundledFile("cat"))
      .withMetadata({ orientation: 6 })
      .jpeg()
      .toBuffer();
    const { width, height } = await openPhoto(turned);
    assert.deepEqual([width, height], [300, 451]);
  });

  it("puts a transparent photo on white", async () => {
    const clear = { create: { width: 32, height: 32, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } } } as const;
    assert.deepEqual(pixel(await openPhoto(await sharp(clear).png().toBuffer()), 5, 5), [255, 255, 255]);
  });

  it("brings grey, CMYK and 16-bit photos to sRGB", async () => {
    const photo = sharp(await bundledFile("cat"));
    const files = [photo.clone().greyscale().png(), photo.clone().toColourspace("cmyk").jpeg(), photo.clone().toColourspace("rgb16").png()];
    for (const file of files) {
      const { data, width, height } = await openPhoto(await file.toBuffer());
      assert.equal(data.length, width * height * 3);
    }
  });

  it("scales a large photo to the size of results", async () => {
    const { width, height } = await openPhoto(pngOf(9000, 6000));
    assert.deepEqual([width, height], [RESULT_SIDE_MAX, Math.round((RESULT_SIDE_MAX * 6000) / 9000)]);
  });
});

describe("a file that cannot be used", () => {
  it("is refused when it is empty", async () => assert.match(await refusal(Buffer.alloc(0)), /empty/));

  it("is refused when it is no photo", async () => {
    const files = [
      "hello",
      "<html>",
      "PK\x03\x04zip",
      "%PDF-1.7",
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
      "<svg/>",
    ];
    for (const text of files) assert.match(await refusal(Buffer.from(text)), /not a photo/, text);
    const noise = Buffer.from(Array.from({ length: 4096 }, (_, index) => (index * 7919) % 251));
    assert.match(await refusal(noise), /not a photo/);
  });

  it("is refused when only its beginning is that of a photo", async () => {
    for (const signature of ["ffd8ffe0", "89504e470d0a1a0a", "474946383961", "49492a0008000000", "4d4d002a"]) {
      const fake = Buffer.concat([Buffer.from(signature, "hex"), Buffer.alloc(2000, 0x41)]);
      assert.match(await refusal(fake), /damaged/, signature);
    }
  });

  it("is refused when it is cut short, wherever", async () => {
    const jpeg = await bundledFile("raccoon");
    const png = await sharp(jpeg).png().toBuffer();
    const webp = await sharp(jpeg).webp().toBuffer();
    for (const whole of [jpeg, png, webp])
      for (const part of [0.002, 0.1, 0.5, 0.9]) assert.match(await refusal(whole.subarray(0, whole.length * part)), /damaged/);
  });

  it("is refused by its header when it has 200 million pixels", async () => {
    const bytes = pngOf(20_000, 10_000);
    assert.ok(bytes.length < 100_000, "a bomb is small");
    assert.match(await refusal(bytes), /200 million pixels \(20000 × 10000\); at most 64 million/);
  });

  it("is refused without decoding when its header claims what no memory holds", async () => {
    assert.match(await refusal(pngOf(2 ** 31 - 1, 2 ** 31 - 1, 1)), /pixels|damaged/);
    assert.match(await refusal(pngOf(100_000, 100_000, 1)), /pixels|damaged/);
  });

  it("is refused when a JPEG's header lies about its size", async () => {
    const jpeg = Buffer.from(await bundledFile("cat"));
    const frame = Math.max(jpeg.indexOf(Buffer.from("ffc0", "hex")), jpeg.indexOf(Buffer.from("ffc2", "hex")));
    jpeg.writeUInt16BE(65_500, frame + 5);
    jpeg.writeUInt16BE(65_500, frame + 7);
    assert.match(await refusal(jpeg), /4,290 million pixels/);
  });

  it("is refused when it is too small to be a photo", async () => {
    assert.match(await refusal(pngOf(8, 900)), /only 8 × 900/);
  });

  it("costs no more memory than a photo of the largest accepted size", async () => {
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 5; round += 1) await refusal(pngOf(20_000, 10_000));
    assert.ok(process.memoryUsage().rss - before < PIXELS_MAX * 3, "less than one decoded photo");
  });

  it("tells nothing of the machine", async () => {
    const text = await refusal((await bundledFile("cat")).subarray(0, 3000));
    assert.doesNotMatch(text, /vips|libjpeg|\/|\.ts/i);
  });
});
