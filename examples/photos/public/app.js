import { Refused, ask, listen, newId, upload } from "./api.js";
import { Choices } from "./choices.js";
import { announce, byId, countText, element } from "./dom.js";
import { Draft } from "./draft.js";
import { PhotoCard, isOver } from "./photo.js";

const UPLOADS_AT_ONCE = 4;
const PHOTOS_MAX = 1000;

/** @type {Draft[]} */
let drafts = [];
/** @type {Map<string, PhotoCard>} */
let cards = new Map();
let stopListening = () => undefined;
let shared = { enhance: true, thumbnail: true };
let isSending = false;
// Kept until the batch is accepted, so that a second press after a lost answer sends the same batch.
let batchId = newId();

const photos = byId("photos");
const forAll = new Choices({
  operations: shared,
  onChange(next) {
    shared = next;
  },
});
byId("for-all-choices").append(forAll.node);

function addFiles(files) {
  const room = PHOTOS_MAX - drafts.length;
  for (const file of [...files].slice(0, room)) {
    const draft = new Draft(file, { operations: { ...shared }, onChange: showBar, onRemove: removeDraft });
    drafts.push(draft);
    photos.append(draft.node);
  }
  announce(`${countText(drafts.length, "photo")} chosen.`);
  showChooser();
}

function removeDraft(draft) {
  drafts = drafts.filter((other) => other !== draft);
  draft.dispose();
  showChooser();
}

function showChooser() {
  const isEmpty = drafts.length === 0;
  document.body.classList.toggle("has-photos", !isEmpty);
  byId("for-all").hidden = isEmpty;
  byId("bar").hidden = isEmpty;
  byId("earlier").hidden = !isEmpty || byId("earlier-list").children.length === 0;
  byId("apply-all").textContent = `Apply to all ${drafts.length}`;
  showBar();
}

function showBar(text) {
  const problems = drafts.filter((draft) => draft.problem !== undefined).length;
  const line = byId("bar-text");
  line.classList.toggle("bad", problems > 0 || text !== undefined);
  line.textContent =
    text ?? (problems > 0 ? `${countText(problems, "photo needs", "photos need")} your attention.` : countText(drafts.length, "photo"));
  byId("process").disabled = isSending || problems > 0 || drafts.length === 0;
}

/** Uploads what is not uploaded yet, some files side by side. A photo that fails stays, with the reason, and can be sent again. */
async function uploadAll() {
  const waiting = drafts.filter((draft) => draft.uploadId === undefined);
  const work = async () => {
    for (let draft = waiting.shift(); draft !== undefined; draft = waiting.shift()) await uploadOne(draft);
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
  const failed = drafts.filter((draft) => draft.uploadId === undefined).length;
  if (failed > 0)
    throw new Refused(`${countText(failed, "photo")} could not be uploaded. Try again, or remove ${failed === 1 ? "it" : "them"}.`);
}

async function uploadOne(draft) {
  try {
    draft.showUpload(0);
    const { file, contentType } = draft;
    const { uploads } = await ask("/api/uploads", { files: [{ bytes: file.size, contentType }] });
    await upload(uploads[0].url, { file, contentType, onProgress: (fraction) => draft.showUpload(fraction) });
    draft.showUpload(1);
    draft.uploadId = uploads[0].uploadId;
  } catch (failure) {
    draft.showFailure(failure.message);
  }
}

async function process() {
  isSending = true;
  showBar();
  byId("bar-text").textContent = "Uploading…";
  announce("Uploading.");
  try {
    await uploadAll();
    const wanted = drafts.map(({ uploadId, file, operations }) => ({ uploadId, name: file.name.slice(0, 200), operations }));
    const batch = await ask("/api/batches", { batchId, photos: wanted });
    isSending = false;
    batchId = newId();
    location.hash = batch.batchId;
  } catch (failure) {
    isSending = false;
    showBar(failure.message);
    announce(failure.message);
  }
}

function showBatch(batch) {
  const isSame = cards.size === batch.photos.length && batch.photos.every(({ photoId }) => cards.has(photoId));
  if (!isSame) {
    cards = new Map(batch.photos.map((photo) => [photo.photoId, new PhotoCard(batch.batchId, photo)]));
    photos.replaceChildren(...[...cards.values()].map(({ node }) => node));
  } else {
    updatePhotos(batch.photos);
  }
  byId("archive").href = `/api/batches/${batch.batchId}/archive.zip`;
  showTotals();
}

function updatePhotos(changed) {
  for (const photo of changed) cards.get(photo.photoId)?.update(photo);
  showTotals();
}

function showTotals() {
  const all = [...cards.values()].map(({ photo }) => photo);
  const over = all.filter(isOver);
  const done = all.filter(({ stage }) => stage === "done").length;
  const sad = over.length - done;
  const sum = all.reduce((total, photo) => total + (isOver(photo) ? 1 : photo.fraction), 0);
  byId("batch-bar").value = all.length === 0 ? 0 : sum / all.length;
  byId("batch-bar").hidden = over.length === all.length;
  const parts = [`${done} of ${countText(all.length, "photo")} done`, ...(sad > 0 ? [`${sad} could not be processed`] : [])];
  byId("batch-text").textContent = `${parts.join(", ")}.`;
  byId("archive").setAttribute("aria-disabled", String(done === 0));
  if (over.length === all.length && all.length > 0) announce(byId("batch-text").textContent);
}

/** The address says what is shown: nothing after the # is the chooser, a batch's id is that batch. */
function route() {
  const id = location.hash.slice(1);
  const isBatch = /^[0-9a-f-]{36}$/.test(id);
  stopListening();
  stopListening = () => undefined;
  for (const draft of drafts) draft.dispose();
  drafts = [];
  cards = new Map();
  photos.replaceChildren();
  byId("chooser").hidden = isBatch;
  byId("batch-head").hidden = !isBatch;
  byId("again").hidden = !isBatch;
  scrollTo(0, 0);
  showChooser();
  if (!isBatch) {
    void showEarlier();
    return;
  }
  byId("earlier").hidden = true;
  byId("batch-text").textContent = "Loading…";
  stopListening = listen(id, {
    onBatch: showBatch,
    onPhotos: updatePhotos,
    onGone: () => (byId("batch-text").textContent = "There is no such batch."),
  });
}

async function showEarlier() {
  const { batches } = await ask("/api/batches").catch(() => ({ batches: [] }));
  const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  const items = batches.map(({ batchId, createdMs, photos, firstName }) => {
    const link = element("a", { href: `#${batchId}` }, element("b", {}, photos === 1 ? firstName : `${firstName} and ${photos - 1} more`));
    link.append(element("span", { className: "muted" }, when.format(createdMs)));
    return element("li", {}, link);
  });
  byId("earlier-list").replaceChildren(...items);
  if (drafts.length === 0 && location.hash.length <= 1) byId("earlier").hidden = items.length === 0;
}

byId("files").addEventListener("change", (event) => {
  addFiles(event.target.files);
  event.target.value = "";
});
byId("apply-all").addEventListener("click", () => {
  for (const draft of drafts) draft.apply(shared);
  showBar();
  announce("Applied to all photos.");
});
byId("process").addEventListener("click", () => void process());

// The whole page takes what is dropped while photos are being chosen.
const canDrop = (event) => !byId("chooser").hidden && event.dataTransfer?.types.includes("Files");
addEventListener("dragover", (event) => {
  if (!canDrop(event)) return;
  event.preventDefault();
  byId("drop").classList.add("over");
});
addEventListener("dragleave", (event) => event.relatedTarget === null && byId("drop").classList.remove("over"));
addEventListener("drop", (event) => {
  byId("drop").classList.remove("over");
  if (!canDrop(event)) return;
  event.preventDefault();
  addFiles(event.dataTransfer.files);
});
addEventListener("hashchange", route);
route();
