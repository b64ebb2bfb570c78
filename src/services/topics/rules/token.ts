import { invalidParameter } from "./errors.ts";
import { parseTopicArn } from "./topic-arn.ts";

/** @throws {ServiceError} InvalidParameter: the ARN is none of this region, or the token is of no form that tokens have. */
export function checkToken(token: string, arn: string, region: string): void {
  if (parseTopicArn(arn)?.region !== region) throw invalidParameter("Topic");
  if (!/^[0-9a-f]+$/i.test(token)) throw invalidParameter("Invalid token");
}
