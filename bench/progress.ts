/** What happens now, on standard error, so that standard output holds the results alone. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedMs = performance.now();
  #question = "";

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  question(name: string, position: string): void {
    this.#question = name;
    this.say(`${position} ${name}`);
  }

  /** What is being done; on a terminal it gives way to what is said next. */
  doing(text: string): void {
    if (this.#stream.isTTY) this.#stream.write(`\r\u001B[K${this.#clock()}   ${this.#question}: ${text} …`);
  }

  say(text: string): void {
    this.#stream.write(`${this.#stream.isTTY ? "\r\u001B[K" : ""}${this.#clock()} ${text}\n`);
  }

  #clock(): string {
    const seconds = Math.floor((performance.now() - this.#startedMs) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
