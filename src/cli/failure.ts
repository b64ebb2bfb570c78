/** A command that could not do what it was asked; its message says what to do about it. */
export class CommandFailed extends Error {
  override readonly name = "CommandFailed";
  readonly exitCode: number;

  /** @param exitCode one of EXIT. */
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What a command ends with. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** The command line or a setting cannot be understood, as shells and `getopt` have it. */
  usage: 2,
  /** Nothing was there: a receive without a message, a search without a find. */
  nothing: 3,
  /** There is something to do, where that was asked: not 2 as elsewhere, which is a mistake in the command line here. */
  changes: 4,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130,
} as const;

/** What was asked of whom, for the words of a failure. */
export interface Asked {
  readonly where: string;
  /** Names or URLs as they were given. */
  readonly queues: readonly string[];
}

/** The failure of an AWS call in words that say what to do. */
export function explained(error: unknown, { where, queues }: Asked): CommandFailed {
  if (error instanceof CommandFailed) return error;
  const { name = "Error", message = String(error), code = "" } = error as { name?: string; message?: string; code?: string };
  const queue = queues.map((given) => `"${given}"`).join(" or ");
  if (["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ECONNRESET", "ETIMEDOUT"].includes(code) || name === "TimeoutError")
    return new CommandFailed(
      `Nothing answers at ${where}${code === "" ? "" : ` (${code})`}. Start a server with \`millrace serve\`, or say where one is with --endpoint or AWS_ENDPOINT_URL.`,
    );
  switch (name) {
    case "QueueDoesNotExist":
    case "AWS.SimpleQueueService.NonExistentQueue":
      return new CommandFailed(
        `There is no queue ${queue} at ${where}. \`millrace queues\` lists those that there are; \`millrace send --create\` makes one.`,
      );
    case "CredentialsProviderError":
      return new CommandFailed(
        `No credentials were found for ${where}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with --profile. (${message})`,
      );
    case "InvalidClientTokenId":
    case "UnrecognizedClientException":
    case "SignatureDoesNotMatch":
    case "InvalidSignatureException":
    case "MissingAuthenticationToken":
    case "IncompleteSignature":
      return new CommandFailed(`${where} does not take these credentials (${name}): ${message}`);
    case "AccessDenied":
    case "AccessDeniedException":
      return new CommandFailed(`${where} does not allow it: ${message}`);
    default:
      return new CommandFailed(name === "Error" ? message : `${where} refused (${name}): ${message}`);
  }
}
