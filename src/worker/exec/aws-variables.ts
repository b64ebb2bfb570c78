import type { SQSClient } from "@aws-sdk/client-sqs";

/**
 * The variables by which an AWS SDK or tool in a command speaks to the same server as this client, with the same
 * credentials as they are now. A profile is passed on by its name.
 * @param profile of the AWS configuration files, where one was chosen other than by `AWS_PROFILE`.
 */
export async function awsVariables({ config }: Pick<SQSClient, "config">, profile?: string): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  const region = await config.region();
  variables["AWS_REGION"] = region;
  variables["AWS_DEFAULT_REGION"] = region;
  if (config.endpoint !== undefined) {
    const { protocol, hostname, port, path } = await config.endpoint();
    const url = `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path === "/" ? "" : path}`;
    variables["AWS_ENDPOINT_URL_SQS"] = url;
    // Where queues are, everything else is, unless somebody has said otherwise.
    variables["AWS_ENDPOINT_URL"] = process.env["AWS_ENDPOINT_URL"] ?? url;
  }
  if (profile !== undefined) return { ...variables, AWS_PROFILE: profile };
  if (process.env["AWS_PROFILE"] !== undefined) return variables;
  const { accessKeyId, secretAccessKey, sessionToken } = await config.credentials();
  variables["AWS_ACCESS_KEY_ID"] = accessKeyId;
  variables["AWS_SECRET_ACCESS_KEY"] = secretAccessKey;
  if (sessionToken !== undefined) variables["AWS_SESSION_TOKEN"] = sessionToken;
  return variables;
}
