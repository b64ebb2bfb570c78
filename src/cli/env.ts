import { Command, Option } from "commander";

type Form = "shell" | "dotenv" | "json";

/** `millrace env`: the variables by which AWS SDKs and tools find the server. */
export function envCommand(): Command {
  const command = new Command("env").description("Print the environment variables that point AWS SDKs and tools at the server.");
  command.addOption(new Option("--endpoint <url>", "Where the server is.").default("http://127.0.0.1:4566"));
  command.addOption(new Option("--region <region>", "Region that clients sign for.").default("us-east-1"));
  command.addOption(new Option("--format <form>", "How to print them.").choices(["shell", "dotenv", "json"]).default("shell"));
  command.option("--json", "The same as --format json.");
  command.action((options: { endpoint: string; region: string; format: Form; json?: true }) => {
    process.stdout.write(environment(options, options.json === true ? "json" : options.format));
  });
  command.addHelpText("after", '\nExamples:\n  eval "$(millrace env)"\n  millrace env --format dotenv >> .env');
  return command;
}

function environment({ endpoint, region }: { endpoint: string; region: string }, form: Form): string {
  // In dev mode any key is taken; SDKs only insist on having one.
  const variables = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  if (form === "json") return `${JSON.stringify(variables, null, 2)}\n`;
  const prefix = form === "shell" ? "export " : "";
  return Object.entries(variables)
    .map(([name, value]) => `${prefix}${name}=${value}\n`)
    .join("");
}
