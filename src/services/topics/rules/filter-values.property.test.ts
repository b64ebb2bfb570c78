import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { addressBlock, AddressIndex } from "./filter-addresses.ts";
import { codesOf } from "./filter-affixes.ts";
import { Answers } from "./filter-bits.ts";
import { Wildcards } from "./filter-wildcard.ts";

/** A text that stands among others, and where. */
function standing(text: string): [codes: Uint16Array, start: number, end: number] {
  return [codesOf(`1${text}a`), 1, 1 + text.length];
}

/** By trying every place for every star. */
function fits([piece = "", ...others]: readonly string[], text: string): boolean {
  if (others.length === 0) return text === piece;
  if (!text.startsWith(piece)) return false;
  for (let from = piece.length; from <= text.length; from += 1) if (fits(others, text.slice(from))) return true;
  return false;
}

const letters = fc.constantFrom("a", "b", "\u00e4");
const outer = fc.string({ unit: letters, maxLength: 3 });
const inner = fc.string({ unit: letters, minLength: 1, maxLength: 4 });
const pattern = fc
  .tuple(outer, fc.array(inner, { maxLength: 2 }), outer)
  .map(([head, middle, tail]) => ({ pieces: [head, ...middle, tail] }));

test("of several wildcards a text fits those for whose stars there is a way to stand for something", () => {
  const text = fc.oneof(fc.string({ unit: letters, maxLength: 14 }), fc.string({ unit: letters, minLength: 60, maxLength: 70 }));
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 6 }), fc.array(text, { minLength: 1, maxLength: 10 }), (patterns, texts) => {
      const wildcards = new Wildcards(patterns);
      for (const one of texts) {
        const expected = patterns.reduce((mask, { pieces }, at) => (fits(pieces, one) ? mask | (1 << at) : mask), 0);
        assert.equal(
          wildcards.fitting(...standing(one)),
          expected,
          `${one} of ${patterns.map(({ pieces }) => pieces.join("*")).join(" ")}`,
        );
      }
    }),
    { numRuns: 1000 },
  );
});

const byte = fc.oneof(fc.nat(3), fc.nat(255));
const v4 = fc.tuple(byte, byte, byte, byte).map((parts) => parts.join("."));
const group = fc.oneof(fc.nat(2), fc.nat(0xffff)).map((number) => number.toString(16));
/** Some with a gap at that place; not those that mean one of IPv4, about which the platform asks other blocks. */
const v6 = fc.tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.option(fc.nat(6))).map(([[, ...groups], gap]) => {
  const all = ["1", ...groups];
  return gap === null ? all.join(":") : `${all.slice(0, gap + 1).join(":")}::${all.slice(gap + 2).join(":")}`;
});

test("an address is in the blocks in which the platform says it is", () => {
  for (const [family, address, bitsMax] of [
    ["ipv4", v4, 32],
    ["ipv6", v6, 128],
  ] as const) {
    const block = fc.tuple(address, fc.nat(bitsMax));
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 6 }),
        fc.array(address, { minLength: 1, maxLength: 10 }),
        (blocks, addresses) => {
          const read = blocks.map(([text, bits], at) => ({
            block: addressBlock(text, bits) ?? assert.fail(text),
            bits: Int32Array.of(0, 1 << at),
          }));
          const index = new AddressIndex(read, new Answers());
          const lists = blocks.map(([text, bits]) => {
            const list = new BlockList();
            list.addSubnet(text, bits, family);
            return list;
          });
          for (const text of [...addresses, ...blocks.map(([network]) => network)]) {
            const expected = lists.reduce((mask, list, at) => (list.check(text, family) ? mask | (1 << at) : mask), 0);
            assert.equal(index.find(...standing(text)).bits[1] ?? 0, expected, `${text} in ${JSON.stringify(blocks)}`);
          }
        },
      ),
      { numRuns: 400 },
    );
  }
});
