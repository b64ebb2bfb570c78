import { Connection } from "./connection.ts";

/** One connection that calls actions in AWS JSON, unsigned, as dev mode takes it. */
export class Client {
  readonly #connection: Connection;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<Client> {
    return new Client(await Connection.open(port));
  }

  async call(action: string, input: unknown): Promise<unknown> {
    const body = JSON.stringify(input);
    const head = [
      "POST / HTTP/1.1",
      "Host: 127.0.0.1",
      "Content-Type: application/x-amz-json-1.0",
      `X-Amz-Target: AmazonSQS.${action}`,
      `Content-Length: ${body.length}`,
    ];
    const answer = await this.#connection.send(Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1"));
    if (answer.status !== 200) throw new Error(`${action} was answered ${answer.status}: ${answer.body.toString().slice(0, 500)}`);
    return answer.body.length === 0 ? undefined : JSON.parse(answer.body.toString());
  }

  close(): void {
    this.#connection.close();
  }
}
