/** Types that a browser shows without running anything of them, or hands to a viewer of its own. */
const INERT =
  /^(?!.*(?:xml|svg|html))(?:(?:audio|font|image|video)\/|text\/(?:css|csv|markdown|plain)|application\/(?:gzip|json|octet-stream|pdf|zip|vnd\.|x-)|binary\/octet-stream)[^;,\s]*\s*(?:;[^,]*)?$/i;

/**
 * Objects share their origin with the console and with every other bucket. A page among them must not act as that origin:
 * its scripts may run, but as nobody's.
 * @returns the Content-Security-Policy of an answer; undefined where nothing in it could run.
 */
export function contentPolicy(contentType: string | undefined): string | undefined {
  if (contentType !== undefined && INERT.test(contentType.trim())) return undefined;
  return "sandbox allow-downloads allow-forms allow-popups allow-scripts";
}
