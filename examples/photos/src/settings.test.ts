import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settingsOf } from "./settings.ts";

describe("the settings", () => {
  it("need nothing from the environment", () => {
    const { endpoint, port, host, concurrency, names } = settingsOf({});
    assert.deepEqual(
      { endpoint, port, host, concurrency },
      { endpoint: "http://127.0.0.1:4566", port: 8080, host: "127.0.0.1", concurrency: 2 },
    );
    assert.equal(names.requests, "photos-requests");
  });

  it("mean AWS itself when the endpoint is set to nothing", () => {
    const { endpoint, browserEndpoint } = settingsOf({ AWS_ENDPOINT_URL: "", AWS_REGION: "eu-west-1" });
    assert.equal(endpoint, undefined);
    assert.equal(browserEndpoint, "https://s3.eu-west-1.amazonaws.com");
  });

  it("name the variable that cannot be understood", () => {
    assert.throws(() => settingsOf({ PORT: "http" }), /PORT must be a whole number/);
    assert.throws(() => settingsOf({ CONCURRENCY: "-1" }), /CONCURRENCY/);
    assert.throws(() => settingsOf({ AWS_ENDPOINT_URL: "localhost" }), /AWS_ENDPOINT_URL is not a URL/);
  });
});
