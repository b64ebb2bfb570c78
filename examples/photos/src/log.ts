/** What a person should know while the service runs: warnings and errors, one line each. Everything else is silent. */
const say =
  (level: string) =>
  (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
    // JSON keeps a line one line, whatever a field holds.
    console.error(`${level}: ${event} ${JSON.stringify(fields)}`);
  };

export const log = { debug: () => undefined, info: () => undefined, warn: say("warning"), error: say("error") };
