import { invalidParameter, invalidToken } from "./errors.ts";
import { parseTopicArn } from "./topic-arn.ts";

/**
 * @param region undefined where the caller is of none.
 * @throws {ServiceError} InvalidParameter: the ARN is none of this region, or the token is of no form that tokens have.
 */
export function checkToken(token: string, arn: string, region: string | undefined): void {
  const topic = parseTopicArn(arn);
  if (topic === undefined || topic.region !== (region ?? topic.region)) throw invalidParameter("Topic");
  if (!/^[0-9a-f]+$/i.test(token)) throw invalidToken();
}
