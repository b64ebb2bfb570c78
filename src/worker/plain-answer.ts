/** More than any service sends, and little enough to be kept. */
const HEAD_BYTES_MAX = 64 * 1024;
const LINE_END = "\r\n";
const HEAD_END = "\r\n\r\n";

/** Between a server's word that it closes a connection after so long and the last request on it; as Node's own agents have it. */
const KEPT_MARGIN_MS = 1000;

export interface PlainAnswer {
  readonly status: number;
  readonly etag: string | undefined;
  readonly text: string;
}

/** How a body ends: after so many bytes, with the last of its chunks, or with the connection. */
type Framing = number | "chunks" | "close";

interface Head {
  readonly status: number;
  readonly etag: string | undefined;
  readonly framing: Framing;
  readonly keptMs: number;
}

/**
 * One answer of HTTP/1.1 from the bytes of its connection, in whatever pieces they come (https://www.rfc-editor.org/rfc/rfc9112). It reads the few
 * headers that are asked for, and throws at what it is not sure of: who has the connection then gives it up.
 */
export class AnswerReader {
  #head: Head | undefined;
  /** Copies of what has come of the head, or of the body: what is read from is the connection's own. */
  #kept: Buffer[] = [];
  #keptBytes = 0;
  readonly #chunks = new ChunkReader();

  /** After an answer: for how many milliseconds its connection may stand idle and then be used again. */
  get keptMs(): number {
    return this.#head?.keptMs ?? 0;
  }

  /** @returns the answer, with its last byte. @throws {Error} where this is none, or goes on after its end. */
  read(bytes: Buffer): PlainAnswer | undefined {
    if (this.#head !== undefined) return this.#readBody(this.#head, bytes);
    const all = this.#withKept(bytes);
    for (let from = 0; ;) {
      const text = all.toString("latin1", from, from + HEAD_BYTES_MAX);
      const end = text.indexOf(HEAD_END);
      if (end < 0) {
        if (text.length === HEAD_BYTES_MAX) throw new Error("the head of the answer does not end");
        this.#keep(all.subarray(from));
        return undefined;
      }
      const head = headOf(text, end);
      from += end + HEAD_END.length;
      // Word that the answer is being made: it comes next.
      if (head.status < 200) continue;
      this.#head = head;
      return this.#readBody(head, from === all.length ? EMPTY : all.subarray(from));
    }
  }

  /** The connection was closed. @returns the answer, where that is its end. */
  end(): PlainAnswer | undefined {
    const head = this.#head;
    return head?.framing === "close" ? answerOf(head, this.#withKept(EMPTY)) : undefined;
  }

  #readBody(head: Head, bytes: Buffer): PlainAnswer | undefined {
    const { framing } = head;
    if (framing === "chunks") {
      const isLast = this.#chunks.read(bytes, (piece) => this.#keep(piece));
      return isLast ? answerOf(head, this.#withKept(EMPTY)) : undefined;
    }
    if (framing !== "close" && this.#keptBytes + bytes.length > framing) throw new Error("the answer goes on after its end");
    if (framing === this.#keptBytes + bytes.length) return answerOf(head, this.#withKept(bytes));
    this.#keep(bytes);
    return undefined;
  }

  #keep(bytes: Buffer): void {
    this.#kept.push(Buffer.from(bytes));
    this.#keptBytes += bytes.length;
  }

  #withKept(bytes: Buffer): Buffer {
    if (this.#kept.length === 0) return bytes;
    const all = Buffer.concat([...this.#kept, bytes]);
    this.#kept = [];
    this.#keptBytes = 0;
    return all;
  }
}

const EMPTY = Buffer.alloc(0);

function answerOf({ status, etag }: Head, body: Buffer): PlainAnswer {
  return { status, etag, text: body.length === 0 ? "" : body.toString("utf8") };
}

/** @param end where its last line ends in the text. */
function headOf(text: string, end: number): Head {
  const [, minor, status = ""] = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |\r)/.exec(text) ?? [];
  if (minor === undefined || status === "101") throw new Error("what was answered is not HTTP/1.1");
  let etag: string | undefined;
  let length: string | undefined;
  let coding: string | undefined;
  let connection = minor === "1" ? "" : "close";
  let keepAlive = "";
  for (let lineEnd = text.indexOf(LINE_END); lineEnd < end;) {
    const from = lineEnd + LINE_END.length;
    lineEnd = text.indexOf(LINE_END, from);
    const colon = text.indexOf(":", from);
    if (colon < 0 || colon > lineEnd) throw new Error("a header of the answer has no name");
    // Values of headers that nobody asks for are not looked at.
    switch (text.slice(from, colon).toLowerCase()) {
      case "etag":
        etag = text.slice(colon + 1, lineEnd).trim();
        break;
      case "content-length":
        // Of two the second is not believed either.
        length = length === undefined ? text.slice(colon + 1, lineEnd).trim() : "twice";
        break;
      case "transfer-encoding":
        coding =
          (coding ?? "") +
          text
            .slice(colon + 1, lineEnd)
            .trim()
            .toLowerCase();
        break;
      case "connection":
        connection += text.slice(colon + 1, lineEnd).toLowerCase();
        break;
      case "keep-alive":
        keepAlive = text.slice(colon + 1, lineEnd);
        break;
      default:
    }
  }
  const framing = framingOf(status, length, coding);
  return { status: Number(status), etag, framing, keptMs: connection.includes("close") ? 0 : keptMsOf(framing, keepAlive) };
}

function framingOf(status: string, length: string | undefined, coding: string | undefined): Framing {
  if (status === "204" || status === "304" || status.startsWith("1")) return 0;
  if (coding !== undefined) {
    if (coding === "chunked" && length === undefined) return "chunks";
    throw new Error(`the body of the answer is coded as ${coding}`);
  }
  if (length === undefined) return "close";
  if (!/^\d{1,15}$/.test(length)) throw new Error("the answer does not say how long it is");
  return Number(length);
}

function keptMsOf(framing: Framing, keepAlive: string): number {
  if (framing === "close") return 0;
  const seconds = /timeout=(\d+)/i.exec(keepAlive)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds) * 1000 - KEPT_MARGIN_MS);
}

/** Lines of a chunked body, which say how long chunks are or what nobody reads. */
const CHUNK_LINE_BYTES_MAX = 4096;

/** A body in chunks: `5 hello 0`, each on its line. */
class ChunkReader {
  /** The line that is coming. */
  #line = "";
  /** How much of the chunk is to come. */
  #left = 0;
  #expects: "size" | "bytes" | "end of chunk" | "trailer" = "size";

  /** @returns whether the body has ended. */
  read(bytes: Buffer, take: (piece: Buffer) => void): boolean {
    for (let from = 0; from < bytes.length;) {
      if (this.#expects === "bytes") {
        const piece = bytes.subarray(from, from + this.#left);
        take(piece);
        from += piece.length;
        this.#left -= piece.length;
        if (this.#left === 0) this.#expects = "end of chunk";
        continue;
      }
      const end = bytes.indexOf("\n", from);
      this.#line += bytes.toString("latin1", from, end < 0 ? bytes.length : end + 1);
      if (this.#line.length > CHUNK_LINE_BYTES_MAX) throw new Error("a line between the chunks of the answer does not end");
      if (end < 0) return false;
      from = end + 1;
      if (!this.#endOfLine()) continue;
      if (from < bytes.length) throw new Error("the answer goes on after its end");
      return true;
    }
    return false;
  }

  /** @returns whether that was the last one. */
  #endOfLine(): boolean {
    const line = this.#line;
    this.#line = "";
    if (this.#expects === "trailer") return line === LINE_END;
    if (this.#expects === "end of chunk") {
      if (line !== LINE_END) throw new Error("a chunk of the answer is longer than it says");
      this.#expects = "size";
      return false;
    }
    const size = /^([\da-f]{1,8})[ \t]*(?:;[^\r]*)?\r\n$/i.exec(line)?.[1];
    if (size === undefined) throw new Error("a chunk of the answer does not say how long it is");
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? "trailer" : "bytes";
    return false;
  }
}
