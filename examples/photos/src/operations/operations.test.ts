import assert from "node:assert/strict";
import { describe, it } from "node:test";
import sharp from "sharp";
import { bundled, changes, mean, pixel } from "./bundled.suite.ts";
import { crop, frameOf, regionsWithin } from "./crop.ts";
import { enhance } from "./enhance.ts";
import { lettering } from "./lettering.ts";
import { jpegOf, openWorkingCopy, workingCopyOf } from "./picture.ts";
import { recolour } from "./recolour.ts";
import { subjectOf } from "./subject.ts";
import { THUMBNAIL_SIDE, thumbnail } from "./thumbnail.ts";
import { watermark } from "./watermark.ts";

const saturation = (red: number, green: number, blue: number) => Math.max(red, green, blue) - Math.min(red, green, blue);

describe("cropping to the subject", () => {
  const size = { width: 1200, height: 800 };
  const focus = { x: 300, y: 400 };

  it("cuts the shape that was asked for around the subject", () => {
    assert.deepEqual(frameOf({ size, shape: "square", focus, keep: [] }), { left: 0, top: 60, width: 680, height: 680 });
    assert.deepEqual(frameOf({ size, shape: "wide", focus: { x: 900, y: 100 }, keep: [] }), {
      left: 180,
      top: 0,
      width: 1020,
      height: 574,
    });
  });

  it("never leaves the photo, wherever the subject is", () => {
    for (const x of [0, 1200]) {
      for (const y of [0, 800]) {
        const frame = frameOf({ size, shape: "portrait", focus: { x, y }, keep: [] });
        assert.ok(frame.left >= 0 && frame.top >= 0 && frame.left + frame.width <= 1200 && frame.top + frame.height <= 800);
      }
    }
  });

  it("keeps what somebody marked, even against the measure of attention", () => {
    const keep = [{ left: 0.8, top: 0.1, width: 0.1, height: 0.1 }];
    const frame = frameOf({ size, shape: "square", focus, keep });
    assert.ok(frame.left <= 960 && frame.left + frame.width >= 1080);
  });

  it("takes a larger cut where the marked regions ask for it", () => {
    const keep = [{ left: 0.2, top: 0.02, width: 0.1, height: 0.96 }];
    assert.ok(frameOf({ size, shape: "square", focus, keep }).height >= 768);
  });

  it("moves marked regions with the cut, shortens them at its edge and drops those outside", () => {
    const frame = { left: 200, top: 100, width: 400, height: 400 };
    const inside = { left: 0.25, top: 0.25, width: 0.25, height: 0.25 };
    const across = { left: 0, top: 0.25, width: 0.25, height: 0.25 };
    const outside = { left: 0.9, top: 0.9, width: 0.1, height: 0.1 };
    assert.deepEqual(regionsWithin([inside, across, outside], { width: 1000, height: 800 }, frame), [
      { left: 0.125, top: 0.25, width: 0.625, height: 0.5 },
      { left: 0, top: 0.25, width: 0.125, height: 0.5 },
    ]);
  });

  it("finds what the photo is of", async () => {
    // In fractions of the photo: where somebody who looks at it would point.
    const subjects = {
      astronaut: [0.42, 0.42],
      cat: [0.53, 0.5],
      dahlia: [0.47, 0.55],
      dogs: [0.5, 0.45],
      fig: [0.53, 0.5],
      rocket: [0.48, 0.6],
    };
    for (const [name, [x, y]] of Object.entries(subjects)) {
      const photo = await bundled(name);
      const found = await subjectOf(photo);
      const distance = Math.hypot(found.x / photo.width - x!, found.y / photo.height - y!);
      assert.ok(distance < 0.12, `${name}: ${(found.x / photo.width).toFixed(2)}, ${(found.y / photo.height).toFixed(2)}`);
    }
  });

  it("takes the middle of a photo without a subject", async () => {
    const plain = { data: Buffer.alloc(64 * 32 * 3, 120), width: 64, height: 32 };
    const { x, y } = await subjectOf(plain);
    assert.ok(Math.abs(x - 32) < 4 && Math.abs(y - 16) < 4, `${x}, ${y}`);
  });

  it("keeps both of the cat's eyes", async () => {
    const { frame } = await crop(await bundled("cat"), "square", []);
    assert.ok(frame.left < 140 && frame.left + frame.width > 325, JSON.stringify(frame));
  });

  it("gives the cut's pixels unchanged", async () => {
    const before = await bundled("dahlia");
    const { picture, frame } = await crop(before, "square", []);
    assert.deepEqual([picture.width, picture.height], [363, 363]);
    assert.deepEqual(pixel(picture, 10, 20), pixel(before, frame.left + 10, frame.top + 20));
  });
});

describe("recolouring", () => {
  it("greyscale leaves no colour", async () => {
    const grey = await recolour(await bundled("raccoon"), { style: "greyscale" });
    assert.equal(mean(grey, saturation), 0);
  });

  it("sepia is brown: red over green over blue", async () => {
    const sepia = await recolour(await bundled("pagoda"), { style: "sepia" });
    const [red, green, blue] = [0, 1, 2].map((channel) => mean(sepia, (...rgb) => rgb[channel]!));
    assert.ok(red! > green! && green! > blue!);
  });

  it("vivid has more colour and muted less", async () => {
    const before = await bundled("fig");
    const vivid = await recolour(before, { style: "vivid" });
    const muted = await recolour(before, { style: "muted" });
    assert.ok(mean(vivid, saturation) > mean(before, saturation) * 1.1);
    assert.ok(mean(muted, saturation) < mean(before, saturation) * 0.8);
  });

  it("a tint goes towards its colour", async () => {
    const blue = await recolour(await bundled("cat"), { style: "tint", colour: "#2040ff" });
    assert.ok(mean(blue, (_red, _green, value) => value) > mean(blue, (red) => red) * 1.3);
  });
});

describe("enhancing", () => {
  it("uses the whole range of brightness of a dull photo", async () => {
    const before = await recolour(await bundled("mountains"), { style: "greyscale" });
    const dull = { ...before, data: Buffer.from(before.data.map((value) => 90 + value / 4)) };
    const spread = (picture: typeof before) => mean(picture, (red) => Math.abs(red - 128));
    assert.ok(spread(await enhance(dull)) > spread(dull) * 2);
  });

  it("keeps the size", async () => {
    const before = await bundled("coffee");
    const after = await enhance(before);
    assert.deepEqual([after.width, after.height], [before.width, before.height]);
  });
});

describe("the watermark", () => {
  it("lies in the lower right and nowhere else", async () => {
    const before = await bundled("rocket");
    const after = await watermark(before, "© Millrace 2026");
    const corner = {
      left: before.width / 2,
      top: Math.floor(before.height * 0.85),
      width: before.width / 2,
      height: Math.ceil(before.height * 0.15),
    };
    const { inside, outside } = changes(before, after, corner);
    assert.ok(inside > 200);
    assert.equal(outside, 0);
  });

  it("can be read on white and on black", async () => {
    for (const colour of ["#ffffff", "#000000"]) {
      const plain = await sharp({ create: { width: 600, height: 400, channels: 3, background: colour } })
        .raw()
        .toBuffer();
      const before = { data: plain, width: 600, height: 400 };
      const after = await watermark(before, "READABLE");
      assert.ok(changes(before, after, { left: 0, top: 0, width: 600, height: 400 }).inside > 300, colour);
    }
  });

  it("fits any text into any photo", async () => {
    const tiny = { data: Buffer.alloc(16 * 16 * 3, 90), width: 16, height: 16 };
    const after = await watermark(tiny, "x".repeat(40));
    assert.deepEqual([after.width, after.height], [16, 16]);
    await watermark(tiny, "&<script>\"'");
  });

  it("has a letter for all of ASCII that people sign with, and a box for the rest", () => {
    assert.equal(lettering("aé ß").strokes.length, 4);
    assert.deepEqual(lettering("a").strokes, lettering("Á").strokes);
    assert.equal(lettering("日").strokes[0]?.path, "M0 0H3V6H0Z");
    const known = lettering("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:;!?'\"-+=/()&@#*©·").strokes;
    assert.ok(known.every(({ path }) => path !== "M0 0H3V6H0Z"));
  });
});

describe("thumbnail and files", () => {
  it("a thumbnail is a square of one size, whatever the photo", async () => {
    for (const name of ["dogs", "cat"]) {
      const small = await thumbnail(await bundled(name));
      assert.deepEqual([small.width, small.height], [THUMBNAIL_SIDE, THUMBNAIL_SIDE]);
    }
  });

  it("the finished file is a JPEG without metadata", async () => {
    const metadata = await sharp(await jpegOf(await bundled("dahlia"))).metadata();
    assert.equal(metadata.format, "jpeg");
    assert.equal(metadata.exif, undefined);
    assert.equal(metadata.xmp, undefined);
  });

  it("the working copy loses nothing on its way to the next server", async () => {
    const before = await bundled("cat");
    assert.deepEqual(await openWorkingCopy(await workingCopyOf(before)), before);
  });

  it("the same photo gives the same bytes, so that doing it twice changes nothing", async () => {
    const photo = await bundled("coffee");
    const once = await jpegOf(await watermark(await enhance(photo), "TWICE"));
    const twice = await jpegOf(await watermark(await enhance(photo), "TWICE"));
    assert.ok(once.equals(twice));
  });
});
