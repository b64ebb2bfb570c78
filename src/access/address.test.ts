import assert from "node:assert/strict";
import { BlockList, isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { holdsAddress, parseAddressRange } from "./address.ts";

const holds = (range: string, address: string) => holdsAddress(parseAddressRange(range) ?? assert.fail(range), address);

test("a range holds the addresses that begin with its bits", () => {
  const table: [range: string, address: string, holds: boolean][] = [
    ["203.0.113.0/24", "203.0.113.255", true],
    ["203.0.113.0/24", "203.0.114.0", false],
    ["203.0.113.77/24", "203.0.113.1", true],
    ["10.0.0.1", "10.0.0.1", true],
    ["10.0.0.1", "10.0.0.2", false],
    ["0.0.0.0/0", "255.255.255.255", true],
    ["0.0.0.0/0", "::1", false],
    ["::/0", "10.0.0.1", false],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["fe80::/10", "fe80::1%eth0", true],
    ["10.0.0.0/8", "", false],
    ["10.0.0.0/8", "10.0.0", false],
  ];
  for (const [range, address, expected] of table) assert.equal(holds(range, address), expected, `${range} ${address}`);
});

test("what is no address or range is none", () => {
  const wrong = [
    "",
    "10.0.0",
    "10.0.0.256",
    "010.0.0.1",
    "0x0a.0.0.1",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "::/129",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "::12345",
    "::1.2.3",
    "1.2.3.4::",
    "::ffff:10.0.0.0/95",
    "fe80::1%eth0",
    "*",
    "localhost",
  ];
  for (const text of wrong) assert.equal(parseAddressRange(text), undefined, text);
});

test("the platform agrees on which texts are addresses, and on which a range holds", () => {
  const text = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ unit: fc.constantFrom(...Array.from("0123456789abcdef:..")), maxLength: 20 }));
  fc.assert(
    fc.property(text, (address) => (parseAddressRange(address) !== undefined) === (isIP(address) !== 0)),
    { numRuns: 3000 },
  );
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.nat(32), (base, address, prefix) => {
      const list = new BlockList();
      list.addSubnet(base, prefix, "ipv4");
      return holds(`${base}/${prefix}`, address) === list.check(address, "ipv4");
    }),
  );
});
