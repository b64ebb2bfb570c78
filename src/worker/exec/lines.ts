/** Cuts a stream of text into lines. A line that is too long is given as far as it was kept, with `isCut`. */
export class Lines {
  readonly #charactersMax: number;
  readonly #onLine: (line: string, isCut: boolean) => void;
  #rest = "";
  #isCut = false;

  constructor(charactersMax: number, onLine: (line: string, isCut: boolean) => void) {
    this.#charactersMax = charactersMax;
    this.#onLine = onLine;
  }

  add(text: string): void {
    const [first = "", ...more] = text.split("\n");
    this.#append(first);
    for (const next of more) {
      this.#end();
      this.#append(next);
    }
  }

  /** The stream has ended; its last line may lack its mark. */
  end(): void {
    if (this.#rest !== "") this.#end();
  }

  #append(text: string): void {
    const room = this.#charactersMax - this.#rest.length;
    if (text.length > room) this.#isCut = true;
    this.#rest += text.slice(0, room);
  }

  #end(): void {
    const [line, isCut] = [this.#rest, this.#isCut];
    this.#rest = "";
    this.#isCut = false;
    this.#onLine(line.endsWith("\r") ? line.slice(0, -1) : line, isCut);
  }
}
