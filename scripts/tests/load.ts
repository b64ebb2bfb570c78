import { test } from "node:test";
import { pathToFileURL } from "node:url";

/** Loads files of tests into this process, one after the other; one that cannot be loaded is a test that fails. */
export async function load(files: readonly string[]): Promise<void> {
  for (const file of files) {
    try {
      await import(pathToFileURL(file).href);
    } catch (failure) {
      void test(`${file} can be loaded`, () => {
        throw failure;
      });
    }
  }
}
