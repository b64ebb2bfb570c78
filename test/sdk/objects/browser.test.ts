import assert from "node:assert/strict";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { createPresignedPost, type PresignedPostOptions } from "@aws-sdk/s3-presigned-post";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { refused, scene } from "./harness.ts";

const Bucket = "photos";

scene("a presigned PUT stores, whatever the checksum of nothing in its URL says", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const command = new PutObjectCommand({ Bucket, Key: "a.jpg", ContentType: "image/jpeg", Metadata: { owner: "me" } });
  const url = await getSignedUrl(s3, command, { expiresIn: 60 });
  assert.match(url, /x-amz-checksum-crc32=AAAAAA/);
  const answer = await fetch(url, { method: "PUT", body: "123456789", headers: { "content-type": "image/jpeg" } });
  assert.deepEqual([answer.status, answer.headers.get("x-amz-checksum-crc64nvme")], [200, "rosUhgp5mIg="]);
  const { Metadata, ContentType, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: "a.jpg" }));
  assert.deepEqual([Metadata, ContentType, ContentLength], [{ owner: "me" }, "image/jpeg", 9]);
});

scene("parameters of a URL stand for headers, conditions too", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const put = () => raw("PUT", "/photos/k?If-None-Match=*&x-amz-meta-a=b%20c&X-Amz-Storage-Class=GLACIER_IR", { body: "x" });
  assert.deepEqual([(await put()).status, (await put()).status], [200, 412]);
  const { Metadata, StorageClass } = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  assert.deepEqual([Metadata, StorageClass], [{ a: "b c" }, "GLACIER_IR"]);
});

scene("a presigned GET reads, with what it says of the answer", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "ä b", Body: "hello" }));
  const command = new GetObjectCommand({ Bucket, Key: "ä b", ResponseContentDisposition: 'attachment; filename="x.txt"' });
  const answer = await fetch(await getSignedUrl(s3, command));
  assert.deepEqual([await answer.text(), answer.headers.get("content-disposition")], ["hello", 'attachment; filename="x.txt"']);
});

async function posted(
  s3: S3Client,
  options: Partial<PresignedPostOptions>,
  change: (form: FormData) => void = () => {},
): Promise<Response> {
  const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "up/${filename}", ...options });
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  change(form);
  if (!form.has("file")) form.set("file", new Blob(["123456789"], { type: "text/plain" }), "photo.jpg");
  return fetch(url, { method: "POST", body: form, redirect: "manual" });
}

const codeOf = async (answer: Response) => `${answer.status} ${/<Code>(.*?)</.exec(await answer.text())?.[1]}`;

scene("a form uploads what its policy allows", async ({ s3, endpoint }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const Conditions: PresignedPostOptions["Conditions"] = [
    ["content-length-range", 1, 100],
    ["starts-with", "$x-amz-meta-note", ""],
  ];
  const Fields = { "Content-Type": "image/jpeg", success_action_status: "201" };
  const answer = await posted(s3, { Conditions, Fields }, (form) => form.set("x-amz-meta-note", "größe"));
  assert.equal(answer.status, 201);
  const xml = await answer.text();
  assert.match(
    xml,
    /<PostResponse[^>]*><Location>.*<\/Location><Bucket>photos<\/Bucket><Key>up\/photo\.jpg<\/Key><ETag>&quot;25f9e794323b453885f5181f1b624d0b&quot;<\/ETag>/,
  );
  assert.equal(answer.headers.get("location"), `${endpoint}/photos/up/photo.jpg`);
  const { ContentType, Metadata, ContentLength } = await s3.send(new HeadObjectCommand({ Bucket, Key: "up/photo.jpg" }));
  assert.deepEqual([ContentType, Metadata, ContentLength], ["image/jpeg", { note: "=?UTF-8?Q?gr=C3=B6=C3=9Fe?=" }, 9]);
});

scene("a form says how it is answered", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  assert.equal((await posted(s3, {})).status, 204);
  assert.equal((await posted(s3, { Fields: { success_action_status: "200" } })).status, 200);
  assert.equal((await posted(s3, { Fields: { success_action_status: "302" } })).status, 204);
  const redirected = await posted(s3, { Fields: { success_action_redirect: "http://app.test/done?x=1" } });
  assert.equal(redirected.status, 303);
  const to = new URL(redirected.headers.get("location") ?? "");
  assert.deepEqual(
    [to.host, to.searchParams.get("x"), to.searchParams.get("bucket"), to.searchParams.get("key")],
    ["app.test", "1", Bucket, "up/photo.jpg"],
  );
});

scene("what a policy does not allow is refused and not stored", async ({ s3 }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const size: PresignedPostOptions["Conditions"] = [["content-length-range", 2, 5]];
  assert.equal(await codeOf(await posted(s3, { Conditions: size })), "400 EntityTooLarge");
  assert.equal(
    await codeOf(await posted(s3, { Conditions: size }, (form) => form.set("file", new Blob(["1"]), "a"))),
    "400 EntityTooSmall",
  );
  assert.equal(await codeOf(await posted(s3, {}, (form) => form.set("key", "elsewhere"))), "403 AccessDenied");
  assert.equal(await codeOf(await posted(s3, {}, (form) => form.set("acl", "private"))), "403 AccessDenied");
  assert.equal(await codeOf(await posted(s3, { Conditions: [["eq", "$x-amz-meta-a", "b"]] })), "403 AccessDenied");
  assert.equal((await posted(s3, {}, (form) => form.set("x-ignore-this", "1"))).status, 204);
  for (const Key of ["elsewhere", "up/a"]) assert.equal(await refused(s3.send(new GetObjectCommand({ Bucket, Key }))), "404 NoSuchKey");
});

scene(
  "a policy ends",
  async ({ s3, clock }) => {
    await s3.send(new CreateBucketCommand({ Bucket }));
    const { url, fields } = await createPresignedPost(s3, { Bucket, Key: "k", Expires: 60 });
    const post = () => {
      const form = new FormData();
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set("file", new Blob(["x"]), "x");
      return fetch(url, { method: "POST", body: form });
    };
    assert.equal((await post()).status, 204);
    clock.advance(3_600_000);
    const late = await post();
    assert.equal(late.status, 403);
    assert.match(await late.text(), /Invalid according to Policy: Policy expired\./);
  },
  { startMs: Date.now() },
);

scene("forms that are none are refused, and cut ones store nothing", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  const part = (name: string, value: string, more = "") =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
  const headers = { "content-type": "multipart/form-data; boundary=b" };
  const post = async (body: string, given: Record<string, string> = headers) => {
    const { status, text } = await raw("POST", "/photos", { body, headers: given });
    return `${status} ${/<Code>(.*?)</.exec(text)?.[1]}`;
  };
  assert.equal(await post("key=k", { "content-type": "text/plain" }), "412 PreconditionFailed");
  assert.equal(await post("", { "content-type": "multipart/form-data" }), "400 MalformedPOSTRequest");
  assert.equal(await post(`${part("key", "k")}--b--\r\n`), "400 InvalidArgument");
  assert.equal(await post(`${part("file", "x")}--b--\r\n`), "400 InvalidArgument");
  assert.equal(
    await post(`${part("key", "k")}${part("x", "y".repeat(21_000))}${part("file", "x")}--b--\r\n`),
    "400 MaxPostPreDataLengthExceeded",
  );
  assert.equal(
    await post(`${part("key", "cut")}--b\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\nhalf of it`),
    "400 MalformedPOSTRequest",
  );
  assert.equal((await raw("GET", "/photos/cut")).status, 404);
  // A file without a name is a file all the same, and what comes behind it is passed over.
  assert.equal(await post(`${part("key", "k-${filename}")}${part("file", "content")}${part("key", "other")}--b--\r\n`), "204 undefined");
  assert.equal((await raw("GET", "/photos/k-%24%7Bfilename%7D")).text, "content");
});

scene("a page among the objects cannot act as the server's own origin, whatever its URL calls it", async ({ s3, raw }) => {
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "page", Body: "<script>", ContentType: "text/html" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "photo", Body: "x", ContentType: "image/jpeg" }));
  const policy = async (path: string) => (await raw("GET", `/photos/${path}`)).headers.get("content-security-policy");
  assert.match((await policy("page")) ?? "", /^sandbox /);
  assert.equal(await policy("photo"), null);
  assert.match((await policy("photo?response-content-type=text/html")) ?? "", /^sandbox /);
});
