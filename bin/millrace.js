#!/usr/bin/env node
// Old syntax on purpose: a Node that cannot run Millrace must still be able to read this file and say so.

var NODE_MIN = [24, 15, 0];
// Older SQLite can corrupt a database in WAL mode when a checkpoint and a writer meet (fixed in 3.51.3).
var SQLITE_MIN = [3, 51, 3];

function isAtLeast(version, min) {
  var parts = version.split(".").map(Number);
  for (var i = 0; i < min.length; i += 1) if (parts[i] !== min[i]) return parts[i] > min[i];
  return true;
}

function whatIsMissing() {
  var here = " (" + process.execPath + ").";
  if (!isAtLeast(process.versions.node, NODE_MIN))
    return "Millrace needs Node.js " + NODE_MIN.join(".") + " or newer; this is " + process.versions.node + here;
  if (!isAtLeast(process.versions.sqlite || "0", SQLITE_MIN))
    return (
      "Millrace needs a Node.js with SQLite " +
      SQLITE_MIN.join(".") +
      " or newer; this one has " +
      (process.versions.sqlite || "none") +
      here
    );
  return undefined;
}

var missing = whatIsMissing();
if (missing !== undefined) {
  process.stderr.write(missing + "\n");
  process.exitCode = 1;
} else {
  start();
}

function start() {
  // Each object that is written waits for several fsyncs on a thread of this pool; Node's four would be the limit.
  process.env.UV_THREADPOOL_SIZE = process.env.UV_THREADPOOL_SIZE || "16";
  Promise.all([import("node:module"), import("node:fs")])
    .then(function (modules) {
      // Compiled code is kept between runs: a command answers sooner the second time.
      var cache = modules[0].enableCompileCache();
      // Threads look for it here; each that need not compile takes 15 MB less (Node 26, November 2026).
      if (cache.directory) process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || cache.directory;
      // A checkout runs its source, so that a forgotten build is never what runs; the published package has no source.
      var source = new URL("../src/cli/main.ts", import.meta.url);
      return import(modules[1].existsSync(source) ? source.href : new URL("../dist/cli/main.js", import.meta.url).href);
    })
    .catch(function (failure) {
      process.stderr.write(String((failure && failure.stack) || failure) + "\n");
      process.exitCode = 1;
    });
}
