const AMZ_DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
const ISO_DATE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|\+00:?00)?$/;
const HTTP_DATE = /^(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) (?:GMT|UTC|[+-]0000)$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * The time in `X-Amz-Date`: `20130524T000000Z`.
 * @returns epoch milliseconds; undefined for anything else, a 30th of February included.
 */
export function parseAmzDate(text: string): number | undefined {
  return fromParts(AMZ_DATE.exec(text)?.slice(1));
}

/** The time in Signature Version 2's `Timestamp` and `Expires`: `2011-10-03T15:19:30Z`, with or without a fraction; always UTC. */
export function parseIsoDate(text: string): number | undefined {
  return fromParts(ISO_DATE.exec(text)?.slice(1));
}

/** The time in a Date header (RFC 9110 section 5.6.7): `Tue, 27 Mar 2007 19:36:42 GMT`; older clients write `+0000`. */
export function parseHttpDate(text: string): number | undefined {
  const match = HTTP_DATE.exec(text);
  if (match === null) return undefined;
  const [, day, month = "", year, ...time] = match;
  return fromParts([year, String(MONTHS.indexOf(month) + 1), day, ...time]);
}

/** `20130524T000000Z` */
export function formatAmzDate(ms: number): string {
  return formatIso(ms).replaceAll(/[-:]/g, "");
}

/** `2013-05-24T00:00:00Z` */
export function formatIso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** @param parts year, month, day, hour, minute and second. */
function fromParts(parts: readonly (string | undefined)[] | undefined): number | undefined {
  if (parts === undefined) return undefined;
  const [year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN, second = NaN] = parts.map(Number);
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59) return undefined;
  const ms = Date.UTC(year, month - 1, day, hour, minute, second);
  // `Date.UTC` rolls a day that the month does not have over into the next month.
  return new Date(ms).getUTCDate() === day ? ms : undefined;
}
