import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Region } from "../jobs.ts";
import { bundled, changes, mean, pixel } from "./bundled.suite.ts";
import { labOf, rgbOf } from "./lab.ts";
import type { Picture } from "./picture.ts";
import { reduceRedEye } from "./red-eye.ts";
import { pixelsOf } from "./region.ts";
import { toothness, whitenTeeth } from "./teeth.ts";

/** A picture that was never taken. */
function painted(width: number, height: number, colourAt: (x: number, y: number) => readonly [number, number, number]): Picture {
  const colours = Array.from({ length: width * height }, (_, at) => colourAt(at % width, Math.floor(at / width)));
  return { data: Buffer.from(colours.flat()), width, height };
}

const EYES: Region = { left: 0.2, top: 0.3, width: 0.6, height: 0.18 };
const MOUTH: Region = { left: 0.32, top: 0.6, width: 0.35, height: 0.1 };
const LEFT_PUPIL = { left: 256, top: 360, width: 16, height: 16 };
const redness = (red: number, green: number, blue: number) => red - (green + blue) / 2;
const yellowness = (red: number, green: number, blue: number) => labOf(red, green, blue).b;
const lightness = (red: number, green: number, blue: number) => labOf(red, green, blue).lightness;

describe("red-eye reduction", () => {
  it("takes the red out of both pupils", async () => {
    const before = await bundled("portrait");
    const after = reduceRedEye(before, [EYES]);
    const rightPupil = { left: 513, top: 372, width: 16, height: 16 };
    for (const pupil of [LEFT_PUPIL, rightPupil]) {
      assert.ok(mean(before, redness, pupil) > 120, "the photo has red pupils");
      assert.ok(Math.abs(mean(after, redness, pupil)) < 4, "they are grey now");
    }
  });

  it("changes no bit outside the marked region", async () => {
    const before = await bundled("portrait");
    const { inside, outside } = changes(before, reduceRedEye(before, [EYES]), pixelsOf(EYES, before));
    assert.equal(outside, 0);
    assert.ok(inside > 1000, "and both pupils inside it");
  });

  it("leaves skin, lips and hair within the region as they are", async () => {
    const before = await bundled("portrait");
    const after = reduceRedEye(before, [EYES]);
    assert.deepEqual(pixel(after, 390, 400), pixel(before, 390, 400), "the bridge of the nose");
    assert.deepEqual(pixel(after, 300, 320), pixel(before, 300, 320), "the brow");
    const lips = { left: 0.4, top: 0.67, width: 0.2, height: 0.06 };
    assert.equal(changes(before, reduceRedEye(before, [lips]), pixelsOf(lips, before)).inside, 0);
  });

  it("keeps the light in the eye", async () => {
    const before = await bundled("portrait");
    const after = reduceRedEye(before, [EYES]);
    const brightest = (picture: typeof before) => {
      let most = 0;
      for (let y = 366; y < 394; y += 1) for (let x = 500; x < 545; x += 1) most = Math.max(most, Math.min(...pixel(picture, x, y)));
      return most;
    };
    assert.ok(brightest(after) >= brightest(before) * 0.85);
  });

  it("finds nothing to do where no pupil is red", async () => {
    const before = await bundled("commodore");
    const glasses = { left: 0.33, top: 0.25, width: 0.3, height: 0.12 };
    assert.deepEqual(changes(before, reduceRedEye(before, [glasses]), pixelsOf(glasses, before)), { inside: 0, outside: 0 });
  });

  it("takes a red disc for a pupil, and a red line for something else", () => {
    const inDisc = (x: number, y: number) => Math.hypot(x - 25, y - 30) < 7;
    const inLine = (x: number, y: number) => y >= 28 && y < 32 && x >= 50 && x < 90;
    const before = painted(100, 60, (x, y) => (inDisc(x, y) || inLine(x, y) ? [220, 30, 35] : [150, 140, 135]));
    const after = reduceRedEye(before, [{ left: 0, top: 0, width: 1, height: 1 }]);
    assert.ok(redness(...pixel(after, 25, 30)) < 5);
    assert.deepEqual(pixel(after, 70, 30), [220, 30, 35]);
  });

  it("bears a region of a single pixel and one of the whole photo", async () => {
    const before = await bundled("cat");
    reduceRedEye(before, [{ left: 1, top: 1, width: 0.0001, height: 0.0001 }]);
    reduceRedEye(before, [{ left: 0, top: 0, width: 1, height: 1 }]);
  });
});

describe("teeth whitening", () => {
  it("takes the yellow out of the teeth and makes them lighter", async () => {
    const before = await bundled("portrait");
    const after = whitenTeeth(before, [MOUTH]);
    const teeth = { left: 310, top: 628, width: 120, height: 14 };
    assert.ok(mean(before, yellowness, teeth) > 7);
    const [was, is] = [mean(before, yellowness, teeth), mean(after, yellowness, teeth)];
    assert.ok(is < was / 2, `${was} → ${is}`);
    assert.ok(mean(after, lightness, teeth) > mean(before, lightness, teeth));
  });

  it("changes no bit outside the marked region", async () => {
    const before = await bundled("portrait");
    const { inside, outside } = changes(before, whitenTeeth(before, [MOUTH]), pixelsOf(MOUTH, before));
    assert.equal(outside, 0);
    assert.ok(inside > 3000, "and the teeth inside it");
  });

  it("takes what reaches the region's edge beside the middle for skin, however much it looks like teeth", () => {
    const isMouth = (x: number, y: number) => Math.abs(x - 60) < 15 && Math.abs(y - 30) < 8;
    const isCheek = (x: number, y: number) => x < 20 && y > 45;
    const before = painted(120, 60, (x, y) => (isMouth(x, y) || isCheek(x, y) ? [222, 205, 180] : [170, 90, 90]));
    const after = whitenTeeth(before, [{ left: 0, top: 0, width: 1, height: 1 }]);
    assert.ok(yellowness(...pixel(after, 60, 30)) < yellowness(222, 205, 180) / 2);
    assert.deepEqual(pixel(after, 10, 52), [222, 205, 180]);
  });

  it("leaves lips as red as they are", async () => {
    const before = await bundled("portrait");
    const after = whitenTeeth(before, [MOUTH]);
    const lip = { left: 360, top: 662, width: 40, height: 8 };
    const red = (picture: typeof before) => mean(picture, (r, g, b) => labOf(r, g, b).a, lip);
    assert.ok(Math.abs(red(after) - red(before)) < 0.5, `${red(before)} → ${red(after)}`);
  });

  it("knows the colour of a tooth from that of lips, skin and shadow", () => {
    assert.ok(toothness(labOf(241, 228, 211)) > 0.9, "a tooth in the light");
    assert.ok(toothness(labOf(192, 174, 152)) > 0.8, "a tooth in the shade");
    assert.ok(toothness(labOf(230, 179, 178)) < 0.05, "a lip");
    assert.ok(toothness(labOf(219, 187, 164)) < 0.05, "skin");
    assert.ok(toothness(labOf(33, 20, 1)) < 0.05, "the corner of the mouth");
  });
});

describe("a marked region", () => {
  it("is at least one pixel and never leaves the photo", () => {
    const size = { width: 100, height: 50 };
    const marked = (region: Region) => pixelsOf(region, size);
    assert.deepEqual(marked({ left: 0.1, top: 0.2, width: 0.5, height: 0.5 }), { left: 10, top: 10, width: 50, height: 25 });
    assert.deepEqual(marked({ left: 1, top: 1, width: 0.0001, height: 0.0001 }), { left: 99, top: 49, width: 1, height: 1 });
    assert.deepEqual(marked({ left: 0.999, top: 0, width: 0.0011, height: 1 }), { left: 99, top: 0, width: 1, height: 50 });
  });
});

describe("the Lab colour space", () => {
  it("gives known values", () => {
    const white = labOf(255, 255, 255);
    assert.ok(Math.abs(white.lightness - 100) < 0.01 && Math.abs(white.a) < 0.02 && Math.abs(white.b) < 0.02);
    const red = labOf(255, 0, 0);
    assert.ok(Math.abs(red.lightness - 53.24) < 0.01 && Math.abs(red.a - 80.09) < 0.02 && Math.abs(red.b - 67.2) < 0.02);
  });

  it("gives every colour back", () => {
    for (let red = 0; red < 256; red += 15)
      for (let green = 0; green < 256; green += 15)
        for (let blue = 0; blue < 256; blue += 15) assert.deepEqual(rgbOf(labOf(red, green, blue)), [red, green, blue]);
  });
});
