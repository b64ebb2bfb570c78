/** The bare node:http echo: reads the whole request and answers with as many bytes as the path says. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { endWithParent } from "./parent.ts";

const bodies = new Map<string, string>();

function bodyFor(path: string): string {
  const known = bodies.get(path);
  if (known !== undefined) return known;
  const body = "x".repeat(Number(path.slice(1)));
  bodies.set(path, body);
  return body;
}

endWithParent();
const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = bodyFor(request.url ?? "/0");
    // The headers that an answer to an AWS SDK has.
    response.writeHead(200, {
      "content-type": "application/x-amz-json-1.0",
      "x-amzn-requestid": "00000000-0000-4000-8000-000000000000",
      "content-length": String(body.length),
    });
    response.end(body);
  });
});
server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () =>
  console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })),
);
