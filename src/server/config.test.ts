import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BadSetting, configWith, readConfig, SETTINGS } from "./config.ts";

const refused = (flags: Record<string, string>, pattern: RegExp) =>
  assert.throws(
    () => readConfig(flags, {}),
    (error) => error instanceof BadSetting && pattern.test(error.message),
  );

describe("configuration", () => {
  test("a flag beats an environment variable, which beats the default", () => {
    assert.equal(readConfig({}, {}).port, 4566);
    assert.equal(readConfig({}, { MILLRACE_PORT: "5000" }).port, 5000);
    assert.equal(readConfig({ port: "6000" }, { MILLRACE_PORT: "5000" }).port, 6000);
  });

  test("every setting has a flag and a variable of its own", () => {
    assert.equal(new Set(SETTINGS.map(({ flag }) => flag)).size, SETTINGS.length);
    assert.equal(new Set(SETTINGS.map(({ variable }) => variable)).size, SETTINGS.length);
  });

  test("what cannot be taken is named with what would do", () => {
    refused({ port: "http" }, /--port must be a whole number, not "http"/);
    refused({ port: "70000" }, /from 0 to 65535/);
    refused({ account: "42" }, /twelve digits/);
    refused({ memory: "maybe" }, /--memory must be true or false/);
    refused({ publicUrl: "example.com" }, /public-url must be like/);
    assert.throws(() => readConfig({}, { MILLRACE_PORT: "x" }), /MILLRACE_PORT/);
  });

  test("an address that others reach is refused without credentials", () => {
    for (const host of ["0.0.0.0", "::", "192.168.1.5", "example.com"]) refused({ host }, /Refusing to listen on .* without credentials/);
    for (const host of ["127.0.0.1", "127.1.2.3", "::1", "localhost"]) assert.equal(readConfig({ host }, {}).host, host);
    assert.equal(configWith({ host: "0.0.0.0", insecureNoAuth: true }).insecureNoAuth, true);
    assert.equal(configWith({ host: "0.0.0.0", credentials: "keys.json" }).host, "0.0.0.0");
  });
});
