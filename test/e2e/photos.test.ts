import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, Locator, Page } from "playwright-core";
import sharp from "sharp";
import { Process, photoProcess } from "../../examples/photos/src/processes.ts";
import { unzip } from "../../examples/photos/src/web/zip.suite.ts";

/** The whole service as processes, and a person with a browser in front of it. */
const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";
const PHOTOS = new URL("../../examples/photos/photos/", import.meta.url);
const PROGRAM = fileURLToPath(new URL("../../bin/millrace.js", import.meta.url));
/** Looked at by people: `out/` is not part of the repository. */
const SCREENS = fileURLToPath(new URL("../../out/screens/", import.meta.url));
const HOSTILE_NAME = `<img src=x onerror=alert(1)>.jpg`;

// What runs in the page is text here: its world has other types than Node's.
const REMEMBER_STAGES = `(() => {
  globalThis.seen = new Set();
  const look = () => document.querySelectorAll("#photos [data-stage]").forEach((node) => seen.add(node.dataset.stage));
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
})()`;

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}

const file = (name: string) => ({ name: `${name}.jpg`, mimeType: "image/jpeg", buffer: readFileSync(new URL(`${name}.jpg`, PHOTOS)) });

/** Drags over a part of an element, given in fractions of its sides. */
async function drag(page: Page, target: Locator, [left, top, right, bottom]: readonly [number, number, number, number]): Promise<void> {
  const box = await target.boundingBox();
  assert.ok(box !== null);
  await page.mouse.move(box.x + box.width * left, box.y + box.height * top);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * right, box.y + box.height * bottom, { steps: 4 });
  await page.mouse.up();
}

async function downloaded(page: Page, link: Locator): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

const isMissing = !existsSync(CHROMIUM);

describe("the photo page in a browser", { skip: isMissing ? `not run: there is no ${CHROMIUM}; set CHROMIUM` : false }, () => {
  const running: Process[] = [];
  const complaints: string[] = [];
  let data = "";
  let base = "";
  let webPort = 0;
  let env: NodeJS.ProcessEnv = {};
  let browser: Browser;

  async function start(process: Process): Promise<Process> {
    running.push(process);
    await process.ready;
    return process;
  }

  /** A page that remembers whatever the browser complains about. */
  async function open(width: number, height: number, colorScheme: "light" | "dark"): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme, acceptDownloads: true });
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (failure) => complaints.push(String(failure)));
    page.on("dialog", (dialog) => {
      complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(base);
    return page;
  }

  const card = (page: Page, name: string) => page.locator(".photo", { has: page.getByRole("heading", { name, exact: true }) });
  const choose = (page: Page, name: string, operation: string) => card(page, name).getByText(operation, { exact: true }).click();
  const screen = (page: Page, name: string) => page.screenshot({ path: join(SCREENS, `${name}.png`), fullPage: true });
  /** The bar of the whole batch is gone once every photo has come to its end. */
  const finished = async (page: Page) => {
    await page.locator("#photos [data-stage]").first().waitFor();
    await page.locator("#batch-bar").waitFor({ state: "hidden", timeout: 90_000 });
  };

  before(async () => {
    mkdirSync(SCREENS, { recursive: true });
    data = mkdtempSync(join(tmpdir(), "millrace-e2e-"));
    const serverPort = await freePort();
    webPort = await freePort();
    env = { ...process.env, AWS_ENDPOINT_URL: `http://127.0.0.1:${serverPort}`, PORT: String(webPort), LEASE_SECONDS: "10" };
    await start(
      new Process({
        name: "server",
        args: [PROGRAM, "serve", "--port", String(serverPort), "--data", data],
        env: process.env,
        ready: /^Ready\./,
      }),
    );
    for (const kind of ["web", "server-a", "server-b"] as const) await start(photoProcess(kind, env));
    base = `http://127.0.0.1:${webPort}/`;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
  });

  after(async () => {
    await browser?.close();
    for (const process of running.toReversed()) await process.stop();
    rmSync(data, { recursive: true, force: true });
  });

  it("takes six photos and a broken one through every operation to results that can be downloaded", async () => {
    const page = await open(1280, 900, "light");
    await screen(page, "1280-empty");
    const broken = { ...file("raccoon"), name: HOSTILE_NAME };
    broken.buffer = broken.buffer.subarray(0, broken.buffer.length / 2);
    await page.setInputFiles("#files", [...["portrait", "cat", "raccoon", "pagoda", "dahlia", "fig"].map(file), broken]);
    await page.getByText("7 photos", { exact: true }).waitFor();

    await choose(page, "portrait.jpg", "Red eyes");
    await drag(page, page.locator("#marker-canvas"), [0.2, 0.3, 0.8, 0.48]);
    await page.screenshot({ path: join(SCREENS, "1280-marker.png") });
    await page.getByRole("button", { name: "Done" }).click();
    await choose(page, "portrait.jpg", "White teeth");
    await drag(page, page.locator("#marker-canvas"), [0.32, 0.6, 0.67, 0.7]);
    await page.getByRole("button", { name: "Done" }).click();
    await choose(page, "cat.jpg", "Crop");
    await choose(page, "raccoon.jpg", "Recolour");
    await card(page, "raccoon.jpg").getByRole("combobox").selectOption("greyscale");
    await choose(page, "pagoda.jpg", "Watermark");
    await card(page, "pagoda.jpg").getByRole("textbox").fill("© Summer 2026");
    await choose(page, "fig.jpg", "Enhance");
    await screen(page, "1280-chosen");

    // Whatever stage any photo is ever shown in.
    await page.evaluate(REMEMBER_STAGES);
    await page.getByRole("button", { name: "Process photos" }).click();
    await page.locator("[data-stage=server-a]").first().waitFor();
    await screen(page, "1280-progress");
    await finished(page);
    const seen = await page.evaluate<string[]>("[...globalThis.seen]");
    for (const stage of ["queued", "server-a", "server-b", "done", "unusable"])
      assert.ok(seen.includes(stage), `${stage} was shown: ${seen.join()}`);
    await page.waitForLoadState("networkidle").catch(() => undefined);
    await screen(page, "1280-done");

    await page.getByText("6 of 7 photos done, 1 could not be processed.").first().waitFor();
    await card(page, HOSTILE_NAME).getByText("The file is damaged or incomplete").waitFor();
    assert.deepEqual(complaints, []);

    const cat = await downloaded(page, card(page, "cat.jpg").getByRole("link", { name: "Photo" }));
    assert.equal(cat.name, "cat-processed.jpg");
    assert.deepEqual(await sizeOf(cat.bytes), [255, 255]);
    const archive = await downloaded(page, page.getByRole("link", { name: "Download all" }));
    const files = unzip(archive.bytes);
    const names = ["portrait", "cat", "raccoon", "pagoda", "dahlia"].flatMap((name) => [`${name}-processed.jpg`, `${name}-thumbnail.jpg`]);
    assert.deepEqual([...files.keys()], [...names, "fig-thumbnail.jpg"]);
    for (const [name, bytes] of files) assert.equal((await sharp(bytes).metadata()).format, "jpeg", name);

    const before = await pupilRedness(file("portrait").buffer);
    const after = await pupilRedness(files.get("portrait-processed.jpg") ?? Buffer.alloc(0));
    assert.ok(before > 120 && after < 15, `${before} → ${after}`);
    await page.context().close();
  });

  it("shows all of it again after the web tier was killed, and what was going on goes on", async () => {
    const page = await open(1280, 900, "light");
    await page.setInputFiles("#files", ["cat", "dahlia"].map(file));
    await page.getByRole("button", { name: "Process photos" }).click();
    await page.waitForURL(/#[0-9a-f-]{36}$/);
    const web = running.find(({ name }) => name === "web tier");
    assert.ok(web !== undefined);
    web.kill("SIGKILL");
    await web.exited;
    await start(photoProcess("web", env));
    // The page finds the new one by itself, without a reload.
    await finished(page);
    await page.reload();
    await finished(page);
    assert.equal(await page.locator("[data-stage=done]").count(), 2);
    await page.getByRole("link", { name: "New photos" }).click();
    await page.getByRole("link", { name: "cat.jpg and 1 more" }).click();
    await page.locator("[data-stage=done]").nth(1).waitFor();
    await page.context().close();
  });

  it("is fit for a phone, in the dark, and nothing is wider than its screen", async () => {
    complaints.length = 0;
    const page = await open(390, 844, "dark");
    const isNarrow = async () => assert.equal(await page.evaluate("document.documentElement.scrollWidth"), 390);
    await screen(page, "390-empty");
    await isNarrow();
    await page.setInputFiles("#files", ["portrait", "dogs", "mountains"].map(file));
    for (const operation of ["Crop", "Recolour", "Watermark"]) await choose(page, "dogs.jpg", operation);
    await choose(page, "portrait.jpg", "Red eyes");
    await drag(page, page.locator("#marker-canvas"), [0.2, 0.3, 0.8, 0.48]);
    await page.screenshot({ path: join(SCREENS, "390-marker.png") });
    await page.getByRole("button", { name: "Done" }).click();
    await screen(page, "390-chosen");
    await isNarrow();
    await page.getByRole("button", { name: "Process photos" }).click();
    await finished(page);
    // Pictures below the screen are loaded when they are scrolled to.
    for (const picture of await page.locator(".shot img").all()) await picture.scrollIntoViewIfNeeded();
    await page.waitForTimeout(500);
    await screen(page, "390-done");
    await isNarrow();
    await page.locator("button.shot").nth(1).click();
    await page.getByRole("button", { name: "Before", exact: true }).click();
    await page.screenshot({ path: join(SCREENS, "390-viewer.png") });
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("lets somebody without a mouse mark a region", async () => {
    const page = await open(1280, 900, "light");
    await page.setInputFiles("#files", [file("portrait")]);
    await card(page, "portrait.jpg").getByRole("checkbox", { name: "Red eyes" }).focus();
    await page.keyboard.press("Space");
    await page.getByRole("button", { name: "Add a mark" }).press("Enter");
    const mark = page.getByRole("button", { name: /^Mark 1 of 1/ });
    const before = await mark.boundingBox();
    for (const key of ["ArrowUp", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowRight"]) await page.keyboard.press(key);
    const after = await mark.boundingBox();
    assert.ok(before !== null && after !== null && after.y < before.y && after.width > before.width);
    await page.keyboard.press("Escape");
    await card(page, "portrait.jpg").getByRole("button", { name: "Red eyes: 1 mark" }).waitFor();
    await page.context().close();
  });

  it("says at once what cannot be sent, and why", async () => {
    const page = await open(1280, 900, "light");
    await page.setInputFiles("#files", [{ name: "empty.jpg", mimeType: "image/jpeg", buffer: Buffer.alloc(0) }, file("cat")]);
    await card(page, "empty.jpg").getByText("The file is empty.").waitFor();
    assert.equal(await page.getByRole("button", { name: "Process photos" }).isDisabled(), true);
    await page.getByRole("button", { name: "Remove empty.jpg" }).click();
    for (const operation of ["Enhance", "Thumbnail"]) await choose(page, "cat.jpg", operation);
    await card(page, "cat.jpg").getByText("Choose at least one operation.").waitFor();
    await page.context().close();
  });

  it("refuses to be driven by a page of another site", async () => {
    const stranger = await fetch(`${base}api/batches`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://evil.example" },
      body: JSON.stringify({ batchId: randomUUID(), photos: [] }),
    });
    assert.equal(stranger.status, 403);
  });
});

async function sizeOf(bytes: Buffer): Promise<[number, number]> {
  const { width, height } = await sharp(bytes).metadata();
  return [width, height];
}

/** By how much red exceeds the other colours in the portrait's left pupil, on average. */
async function pupilRedness(bytes: Buffer): Promise<number> {
  const data = await sharp(bytes).extract({ left: 258, top: 362, width: 12, height: 12 }).raw().toBuffer();
  let sum = 0;
  for (let at = 0; at < data.length; at += 3) sum += (data[at] ?? 0) - ((data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 2;
  return sum / (data.length / 3);
}
