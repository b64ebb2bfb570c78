import type { ByteStream } from "../wire/shapes.ts";

const CR = 13;
const LF = 10;
const NOTHING = Buffer.alloc(0);

/** Lines and stretches of bytes from a stream, whatever the pieces are in which it comes. */
export class LineReader {
  readonly #source: AsyncIterator<Uint8Array>;
  /** What has come and was not taken yet. */
  #pending: Buffer = NOTHING;

  constructor(source: ByteStream) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * The line up to the next CRLF, as a byte string without it.
   * @returns undefined at the end of the stream; `malformed` where the line is longer than `bytesMax`, ends otherwise, or breaks off.
   */
  async line(bytesMax: number): Promise<string | undefined | { malformed: true }> {
    const malformed = { malformed: true } as const;
    let text = "";
    while (await this.#fill()) {
      const end = this.#pending.indexOf(LF);
      const taken = this.#pending.subarray(0, end === -1 ? this.#pending.length : end + 1);
      if (text.length + taken.length > bytesMax + 2) return malformed;
      text += taken.toString("latin1");
      this.#pending = this.#pending.subarray(taken.length);
      if (end !== -1) return text.charCodeAt(text.length - 2) === CR ? text.slice(0, -2) : malformed;
    }
    return text === "" ? undefined : malformed;
  }

  /** The next bytes, at least one and at most `bytesMax`; undefined at the end of the stream. */
  async some(bytesMax: number): Promise<Uint8Array | undefined> {
    if (!(await this.#fill())) return undefined;
    const taken = this.#pending.subarray(0, bytesMax);
    this.#pending = this.#pending.subarray(taken.length);
    return taken;
  }

  /** Tells the source that nothing more will be read. */
  async close(): Promise<void> {
    this.#pending = NOTHING;
    await this.#source.return?.();
  }

  /** @returns false at the end of the stream. */
  async #fill(): Promise<boolean> {
    while (this.#pending.length === 0) {
      const next = await this.#source.next();
      if (next.done === true) return false;
      this.#pending = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }
}
