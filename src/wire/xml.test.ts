import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { KIB } from "../kernel/units.ts";
import { boolean, integer, list, map, optional, required, string, structure, timestamp } from "./shapes.ts";
import { WireError, type Problem } from "./wire-error.ts";
import { escapeXml, parseXml, QUERY_XML, S3_XML, XML_BYTES_MAX, XML_DEPTH_MAX, XML_NODES_MAX } from "./xml.ts";
import { compileXmlElement, compileXmlReader } from "./xml-shapes.ts";

function parse(text: string | Uint8Array) {
  return parseXml(typeof text === "string" ? Buffer.from(text) : text);
}

function refuses(read: () => unknown, problem: Problem, message: RegExp): void {
  assert.throws(read, (failure) => failure instanceof WireError && failure.problem === problem && message.test(failure.message));
}

test("references are resolved, whitespace kept and CDATA read", () => {
  const { text } = parse("<a> &lt;&gt;&amp;&quot;&apos;&#34;&#x1F600;<![CDATA[<b>&amp;]]>\r\n </a>");
  assert.equal(text, ' <>&"\'"😀<b>&amp;\n ');
});

test("prologue, byte order mark, comments, prefixes and namespaces are tolerated", () => {
  const root = parse(
    '\ufeff<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<!-- c -->\n<s:Delete xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/">\n  <s:Quiet>true</s:Quiet>\n</s:Delete>\n',
  );
  assert.equal(root.name, "Delete");
  assert.deepEqual(
    root.children.map(({ name, text }) => [name, text]),
    [["Quiet", "true"]],
  );
});

test("attributes are read by their local names, those of XML Schema by their customary prefix", () => {
  const root = parse('<a xmlns="u" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:o="v" i:type="Group" o:b="1" c="2"/>');
  assert.deepEqual(Object.fromEntries(root.attributes), { "xsi:type": "Group", b: "1", c: "2" });
});

test("a DOCTYPE is refused, and with it every entity of its own", () => {
  const bombs = [
    '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
    '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]><lolz>&lol2;</lolz>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<!DOCTYPE a PUBLIC "-//x" "http://127.0.0.1/x.dtd"><a/>',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/"> %p;]><a/>',
    '<?xml version="1.0"?><!DOCTYPE a><a/>',
    "<!doctype a><a/>",
  ];
  for (const bomb of bombs) assert.throws(() => parse(bomb), WireError, bomb);
});

test("what is not well-formed is refused", () => {
  const broken = [
    "",
    " ",
    "<a>",
    "<a></b>",
    "<a/><b/>",
    "text",
    "<a>&unknown;</a>",
    "<a>&constructor;</a>",
    "<a>&__proto__;</a>",
    "<a>&toString;</a>",
    "<a>&;</a>",
    "<a>& b</a>",
    "<a>&#0;</a>",
    "<a>&#x1;</a>",
    "<a>&#xD800;</a>",
    "<a>&#x110000;</a>",
    "<a>&#99999999999999999999;</a>",
    "<a>\u0000</a>",
    '<a b="1" b="2"/>',
    '<a b="<"/>',
    "<a b=1/>",
    "<p:a/>",
    "<a>]]></a>",
    "<a><![CDATA[</a>",
    "<!-- -- --><a/>",
    '<?xml version="1.0" encoding="UTF-16"?><a/>',
    '<?xml version="1.1"?><a>&#1;</a>',
    '{"json":true}',
  ];
  for (const text of broken) assert.throws(() => parse(text), WireError, JSON.stringify(text));
  refuses(() => parse(Buffer.from([0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e])), "malformed", /not UTF-8/);
});

test("depth, size and number of nodes have limits", () => {
  const nested = (depth: number) => "<a>".repeat(depth) + "</a>".repeat(depth);
  assert.equal(parse(nested(XML_DEPTH_MAX)).name, "a");
  refuses(() => parse(nested(XML_DEPTH_MAX + 1)), "malformed", /deeper than 20/);
  refuses(() => parse("<a>".repeat(500_000)), "malformed", /deeper than 20/);
  assert.equal(parse(`<a>${"<b/>".repeat(XML_NODES_MAX - 1)}</a>`).children.length, XML_NODES_MAX - 1);
  refuses(() => parse(`<a>${"<b/>".repeat(XML_NODES_MAX)}</a>`), "malformed", /more than 50000/);
  const attributes = Array.from({ length: XML_NODES_MAX }, (_, index) => `a${index}=""`).join(" ");
  refuses(() => parse(`<a ${attributes}/>`), "malformed", /more than 50000/);
  refuses(() => parse(Buffer.alloc(XML_BYTES_MAX + 1, " ")), "malformed", /more than 2097152 bytes/);
});

/** Large enough that anything quadratic takes minutes, small enough that a busy machine passes. */
const LARGE_BYTES = 256 * KIB;

test("no large document takes longer than its size", () => {
  const filled = (start: string, part: string, end: string) =>
    start + part.repeat(Math.floor((LARGE_BYTES - start.length - end.length) / part.length)) + end;
  const documents = [
    filled("<a>", "&amp;", "</a>"),
    filled("<a>", "&#65;", "</a>"),
    filled("<a>&", "x", ";</a>"),
    filled("<a>&#x", "0", ";</a>"),
    filled("<a b='", "&lt;", "'/>"),
    filled("<", "a", "/>"),
    filled("<a>", "]]", "</a>"),
    filled("<!--", "-", "--><a/>"),
    filled("<a>", "<!---->", "</a>"),
    filled("<a>", "<?p?>", "</a>"),
    filled("<a>", "<![CDATA[]]>", "</a>"),
    filled("<a>", "\r", "</a>"),
  ];
  for (const document of documents) {
    const started = process.cpuUsage();
    try {
      parse(document);
    } catch (failure) {
      assert.ok(failure instanceof WireError);
    }
    const { user } = process.cpuUsage(started);
    assert.ok(user < 1_000_000, `${user / 1000} ms for ${document.slice(0, 12)}…`);
  }
});

test("bytes changed at random are read or refused, and nothing else happens", () => {
  const seed = Buffer.from(
    '<?xml version="1.0"?><Delete xmlns="u"><Object><Key>a&amp;b</Key></Object><Quiet a="1">true</Quiet><![CDATA[x]]></Delete>',
  );
  const change = fc.record({
    at: fc.nat(seed.length - 1),
    byte: fc.constantFrom(..."<>&;/!?[]-='\"#x\u0000\u0080 \n".split("").map((c) => c.charCodeAt(0))),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const bytes = Buffer.from(seed);
      for (const { at, byte } of changes) bytes[at] = byte;
      try {
        parse(bytes);
      } catch (failure) {
        assert.ok(failure instanceof WireError, String(failure));
      }
    }),
    { numRuns: 2000 },
  );
});

test("the five special characters are escaped, and carriage returns as each protocol does", () => {
  assert.equal(escapeXml(`a<b>&"c"'d'\r\n\t`, QUERY_XML), "a&lt;b&gt;&amp;&quot;c&quot;'d'&#xD;\n\t");
  assert.equal(escapeXml(`<\r\u0001`, S3_XML), "&lt;&#13;&#1;");
  assert.equal(escapeXml("plain é 😀", S3_XML), "plain é 😀");
});

const grantee = structure({
  Type: required(string, { wireName: "xsi:type", attribute: true }),
  ID: string,
});
const rule = structure({
  ID: string,
  Days: integer,
  Enabled: boolean,
  Since: timestamp("iso8601"),
  Events: optional(list(string, { flattened: true }), { wireName: "Event" }),
  Grants: list(structure({ Grantee: optional(grantee) }), { itemName: "Grant" }),
  Tags: map(string),
});

test("a structure is written in the order of its declaration, S3's times in whole seconds", () => {
  const write = compileXmlElement("Rule", rule, { dialect: S3_XML, attributes: ' xmlns="u"' });
  assert.equal(
    write({
      Tags: { k: "v" },
      Grants: [{ Grantee: { ID: "x", Type: 'a"b' } }],
      Events: ["a", "b"],
      Since: Date.UTC(2024, 0, 1, 12) + 999,
      Enabled: false,
      Days: 0,
      ID: "",
    }),
    '<Rule xmlns="u"><ID/><Days>0</Days><Enabled>false</Enabled><Since>2024-01-01T12:00:00.000Z</Since><Event>a</Event><Event>b</Event>' +
      '<Grants><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="a&quot;b"><ID>x</ID></Grantee></Grant></Grants>' +
      "<Tags><entry><key>k</key><value>v</value></entry></Tags></Rule>",
  );
  assert.equal(write({ Grants: [], Events: [] }), '<Rule xmlns="u"><Grants/></Rule>');
});

test("elements that the shape does not know are passed over", () => {
  const read = compileXmlReader(rule);
  assert.deepEqual(read(parse("<Rule><Colour><Dark>1</Dark></Colour><Days> 7 </Days></Rule>")), { Days: 7 });
});

test("what does not fit the shape is refused with its place", () => {
  const read = compileXmlReader(structure({ Rule: required(rule), Key: required(string) }));
  const within = (text: string) => () => read(parse(`<R><Key>k</Key><Rule>${text}</Rule></R>`));
  refuses(() => read(parse("<R/>")), "missing", /^Rule: /);
  refuses(() => read(parse("<R><Rule/></R>")), "missing", /^Key: /);
  refuses(within("<Days>x</Days>"), "wrong-type", /^Rule\.Days: expected an integer/);
  refuses(within("<Enabled>1</Enabled>"), "wrong-type", /^Rule\.Enabled: expected true or false/);
  refuses(within("<ID>a</ID><ID>b</ID>"), "malformed", /^Rule\.ID: .*once only/);
  refuses(within("<ID><b/></ID>"), "malformed", /^Rule\.ID: expected text/);
  refuses(within("stray"), "malformed", /^Rule: text stands directly inside Rule/);
  refuses(within("<Grants><Grant><Grantee><ID>x</ID></Grantee></Grant></Grants>"), "missing", /^Rule\.Grants\[0\]\.Grantee\.xsi:type: /);
  refuses(within("<Tags><entry><value>v</value></entry></Tags>"), "missing", /^Rule\.Tags\.key: /);
});

test("no element or attribute reaches a prototype", () => {
  const names = ["__proto__", "constructor", "prototype", "toString"];
  const read = compileXmlReader(structure({ Tags: map(string), Name: string }));
  for (const name of names) {
    const text = `<R ${name}="x"><${name}><polluted>1</polluted></${name}><Tags><entry><key>${name}</key><value>v</value></entry></Tags></R>`;
    const result = read(parse(text)) as { Tags: Record<string, string> };
    assert.deepEqual(Object.keys(result), ["Tags"]);
    assert.deepEqual(Object.entries(result.Tags), [[name, "v"]]);
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  }
});
