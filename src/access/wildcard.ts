/**
 * Whether a text fits a pattern in which `*` stands for any characters, also none, and `?` for exactly one.
 *
 * Only the last star is ever tried again, so the work is at most the product of the two lengths and, for the patterns
 * that people write, their sum. No text of a user becomes a RegExp, which would take minutes for `a*a*a*a*b`.
 */
export function fitsWildcard(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let star = -1;
  let afterStar = 0;
  while (inText < text.length) {
    const expected = pattern[inPattern];
    if (expected === "*") {
      star = inPattern;
      afterStar = inText;
      inPattern += 1;
    } else if (expected === "?" || expected === text[inText]) {
      inPattern += 1;
      inText += 1;
    } else if (star >= 0) {
      // The star takes one character more.
      afterStar += 1;
      inPattern = star + 1;
      inText = afterStar;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === "*") inPattern += 1;
  return inPattern === pattern.length;
}

/** The six parts of an ARN, of which the last may hold colons itself; undefined where there are fewer. */
export function arnParts(arn: string): readonly string[] | undefined {
  const parts = arn.split(":");
  if (parts.length < 6) return undefined;
  return [...parts.slice(0, 5), parts.slice(5).join(":")];
}

/** The same for ARNs, part by part, as ArnLike has it: a star does not reach over a colon, but for the last part. */
export function fitsArn(pattern: readonly string[], arn: string): boolean {
  const parts = arnParts(arn);
  return parts !== undefined && parts.every((part, index) => fitsWildcard(pattern[index] ?? "", part));
}
