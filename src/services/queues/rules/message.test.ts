import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { checkBody, checkGroupId, hasForbiddenCharacter, messageDelayMs, refuseFifoParameter, textBytes } from "./message.ts";
import { covers } from "../../../../test/contract/covers.ts";

/** The allowed characters as AWS lists them, one code point after the other. */
function isAllowed(codePoint: number): boolean {
  return (
    codePoint === 0x9 ||
    codePoint === 0xa ||
    codePoint === 0xd ||
    (codePoint >= 0x20 && codePoint <= 0xd7ff) ||
    (codePoint >= 0xe000 && codePoint <= 0xfffd) ||
    (codePoint >= 0x10000 && codePoint <= 0x10ffff)
  );
}

test("of all 65,536 code units, exactly those that AWS lists are allowed", () => {
  covers("sqs/4.1-allowed-characters");
  for (let unit = 0; unit <= 0xffff; unit += 1) {
    assert.equal(hasForbiddenCharacter(`a${String.fromCharCode(unit)}b`), !isAllowed(unit), `U+${unit.toString(16)}`);
  }
});

test("a text is allowed exactly when each of its code points is", () => {
  const unit = fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0xd83d, 0xde00, 0xfffe, 0x1f, 0x20));
  fc.assert(
    fc.property(fc.array(unit), (units) => {
      const text = String.fromCharCode(...units);
      assert.equal(hasForbiddenCharacter(text), !Array.from(text).every((character) => isAllowed(character.codePointAt(0) ?? 0)));
    }),
  );
});

test("characters beyond the basic plane are allowed, half of one is not", () => {
  covers("sqs/4.1-allowed-characters");
  checkBody("a 😀 and \u{10FFFF}");
  assert.throws(() => checkBody("a \uD83D"), { code: "InvalidMessageContents" });
  assert.throws(() => checkBody("\uDE00 a"), { code: "InvalidMessageContents" });
});

test("an empty body is a missing one", () => {
  assert.throws(() => checkBody(""), { message: "The request must contain the parameter MessageBody." });
});

test("size is counted in bytes of UTF-8", () => {
  const table: [text: string, bytes: number][] = [
    ["", 0],
    ["abc", 3],
    ["é", 2],
    ["€", 3],
    ["😀", 4],
  ];
  for (const [text, bytes] of table) assert.equal(textBytes(text), bytes, text);
});

test("a delay is a whole number of seconds from 0 to 900; without one the queue decides", () => {
  assert.equal(messageDelayMs(undefined, false), undefined);
  assert.equal(messageDelayMs(0, false), 0);
  assert.equal(messageDelayMs(900, false), 900_000);
  for (const seconds of [901, -1, 0.5]) {
    assert.throws(() => messageDelayMs(seconds, false), {
      message: `Value ${seconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.`,
    });
  }
});

test("a group id has 1 to 128 letters, digits and punctuation characters of ASCII", () => {
  covers("sqs/4.1-id-characters", "sqs/4.1-group-id-form");
  for (const id of ["a", "x".repeat(128), "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "09AZaz"]) checkGroupId(id);
  for (const id of ["", "x".repeat(129), "a b", "ä", "a\n", "\u007f"]) {
    assert.throws(() => checkGroupId(id), {
      message: `Value ${id} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    });
  }
});

test("what only FIFO queues take is refused", () => {
  refuseFifoParameter("MessageDeduplicationId", undefined);
  assert.throws(() => refuseFifoParameter("MessageDeduplicationId", "d"), {
    message:
      "Value d for parameter MessageDeduplicationId is invalid. Reason: The request includes a parameter that is not valid for this queue type.",
  });
});
