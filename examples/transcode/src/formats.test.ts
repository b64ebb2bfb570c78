import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { encoding, FORMAT_NAMES, FORMATS, fractionOf, versionKey } from "./formats.ts";
import { transcode } from "./pipeline.ts";

test("progress is read from what ffmpeg says of its output", () => {
  assert.equal(fractionOf("out_time_us=1500000", 6), 0.25);
  assert.equal(fractionOf("out_time_us=6100000", 6), 1);
  for (const line of ["out_time_us=N/A", "out_time_ms=1500000", "out_time=00:00:01.500000", "frame=7", "progress=continue"])
    assert.equal(fractionOf(line, 6), undefined, line);
});

test("nothing is enlarged, and heights are even", () => {
  assert.ok(encoding(FORMATS.phone, "video").includes("scale=-2:'2*trunc(min(240,ih)/2)'"));
});

test("of sound there is no picture, and it is no video file", () => {
  assert.ok(!encoding(FORMATS.pc, "audio").includes("libx264"));
  assert.equal(versionKey({ media: "song-1", format: "pc", kind: "audio" }), "versions/song-1/pc.m4a");
  assert.equal(versionKey({ media: "film-1", format: "phone", kind: "video" }), "versions/film-1/phone.mp4");
});

test("each format has a stage that is sent its own jobs, and all meet in one", () => {
  const { edges } = transcode.graph();
  for (const format of FORMAT_NAMES) {
    const [job] = edges.filter(({ to }) => to === format);
    assert.deepEqual([job?.topic, job?.filter], ["transcode-probe-job", { format: [format] }]);
    assert.ok(edges.some(({ from, to }) => from === format && to === "publish"));
  }
});

test("the pipeline is at most sixty lines", () => {
  assert.ok(
    readFileSync(join(import.meta.dirname, "pipeline.ts"), "utf8")
      .trimEnd()
      .split("\n").length <= 60,
  );
});
