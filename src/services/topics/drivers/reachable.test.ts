import assert from "node:assert/strict";
import { test } from "node:test";
import { Reachable } from "./reachable.ts";

test("nothing on this machine, in private networks or for special purposes may be reached", () => {
  const reachable = new Reachable([]);
  const closed = [
    ["127.0.0.1", "127.255.255.254", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"],
    ["169.254.169.254", "192.0.0.1", "198.18.0.1", "203.0.113.5", "224.0.0.1", "255.255.255.255", "192.88.99.1"],
    ["::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2002:7f00:1::", "2001::1", "64:ff9b::a00:1"],
    ["::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::127.0.0.1", "localhost", "", "1.2.3"],
  ].flat();
  for (const address of closed) assert.equal(reachable.has(address), false, address);
  for (const address of ["1.1.1.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8"])
    assert.equal(reachable.has(address), true, address);
});

test("what is named may be reached, and nothing beside it", () => {
  const reachable = new Reachable(["127.0.0.1", "10.1.0.0/16", "fd00::/8"]);
  for (const address of ["127.0.0.1", "10.1.255.255", "fd12::1", "::ffff:127.0.0.1", "8.8.8.8"]) assert.ok(reachable.has(address), address);
  for (const address of ["127.0.0.2", "10.2.0.1", "fc00::1", "::1"]) assert.ok(!reachable.has(address), address);
});

test("what is no address or network cannot be named", () => {
  for (const text of ["localhost", "10.0.0.0/33", "10.0.0.0/8/8", "::1/129", "", "10.0.0.1/"])
    assert.throws(() => new Reachable([text]), RangeError, text);
});
