/** A mistake of ours, not of a caller or of the world. It stays on in production: stopping is better than going on wrong. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** @throws {AssertionFailed} when the condition does not hold; `message` says what was taken for granted. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** For the branch that the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unreachable: ${JSON.stringify(value)}`);
}
