import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { QUEUE_POLICIES } from "../services/queues/rules/policy.ts";
import * as documents from "./document.ts";

const ARN = "arn:aws:sqs:us-east-1:000000000000:orders";
const STATEMENT = { Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: ARN };

const parsePolicy = (text: string) => documents.parsePolicy(text, QUEUE_POLICIES);

/** A statement with some members changed; `undefined` takes one away. */
function statement(changes: Record<string, unknown>): object {
  return { ...STATEMENT, ...changes };
}
const document = (...statements: object[]) => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const refused = (text: string, reason: RegExp | "") => {
  const message = reason === "" ? /^Invalid value for the parameter Policy\.$/ : reason;
  assert.throws(() => parsePolicy(text), { name: "ServiceError", code: "InvalidAttributeValue", message }, text);
};

describe("a policy that is understood exactly is taken", () => {
  test("in both versions, without one, and with a statement alone or in a list", () => {
    for (const Version of ["2008-10-17", "2012-10-17", undefined]) {
      assert.equal(parsePolicy(JSON.stringify({ Version, Id: "any", Statement: STATEMENT })).statements.length, 1);
      assert.equal(parsePolicy(JSON.stringify({ Version, Statement: [STATEMENT, STATEMENT] })).statements.length, 2);
    }
  });

  test("with actions in any case and with wildcards, resolved to the actions that they mean", () => {
    const actions = (Action: unknown) => [...(parsePolicy(document(statement({ Action }))).statements[0]?.actions ?? [])].toSorted();
    assert.deepEqual(actions("SQS:sendmessage"), ["SendMessage"]);
    assert.deepEqual(actions(["sqs:*Message", "sqs:Send*"]), ["DeleteMessage", "ReceiveMessage", "SendMessage"]);
    assert.equal(actions("sqs:*").length, 20);
    assert.deepEqual(actions("*"), actions("SQS:*"));
  });

  test("with principals in all their forms", () => {
    const forms = [
      "*",
      { AWS: "*" },
      { AWS: "111111111111" },
      { AWS: ["arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/team/alice"] },
      { AWS: "arn:aws-cn:iam::111111111111:role/worker" },
      { Service: "s3.amazonaws.com" },
      { Service: ["sns.amazonaws.com"], AWS: "111111111111" },
    ];
    for (const Principal of forms) parsePolicy(document(statement({ Principal })));
  });

  test("as consoles and infrastructure tools write them", () => {
    const owner = { AWS: "arn:aws:iam::000000000000:root" };
    const own = { Sid: "__owner_statement", Effect: "Allow", Principal: owner, Action: "SQS:*", Resource: ARN };
    const documents: object[] = [
      { Version: "2012-10-17", Id: "__default_policy_ID", Statement: [own] },
      {
        Version: "2012-10-17",
        Statement: [
          {
            Action: "sqs:*",
            Condition: { Bool: { "aws:SecureTransport": "false" } },
            Effect: "Deny",
            Principal: { AWS: "*" },
            Resource: ARN,
          },
          {
            Action: ["sqs:SendMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl"],
            Condition: { ArnLike: { "aws:SourceArn": "arn:aws:s3:::photos" }, StringEquals: { "aws:SourceAccount": "000000000000" } },
            Effect: "Allow",
            Principal: { Service: "s3.amazonaws.com" },
            Resource: ARN,
          },
          {
            Action: "sqs:SendMessage",
            Condition: { ArnEquals: { "aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:orders" } },
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Resource: ARN,
          },
        ],
      },
      {
        Version: "2012-10-17",
        Id: "Queue1_Policy_UUID",
        Statement: {
          Sid: "Queue1_AllActions_AllowlistIP",
          Effect: "Allow",
          Principal: "*",
          Action: ["sqs:SendMessage", "sqs:ReceiveMessage"],
          Resource: "arn:aws:sqs:*:111122223333:queue1",
          Condition: { IpAddress: { "aws:SourceIp": "192.168.143.0/24" }, DateLessThan: { "aws:CurrentTime": "2030-06-30T00:00Z" } },
        },
      },
    ];
    for (const one of documents) parsePolicy(JSON.stringify(one));
  });

  test("up to its limits", () => {
    const principals = Array.from({ length: 50 }, (_, index) => String(100_000_000_000 + index));
    parsePolicy(document(statement({ Principal: { AWS: principals } })));
    parsePolicy(document(...Array.from({ length: 20 }, () => STATEMENT)));
    parsePolicy(document(...Array.from({ length: 10 }, () => statement({ Condition: { Bool: { "aws:SecureTransport": true } } }))));
    const text = document(STATEMENT);
    parsePolicy(text + " ".repeat(8192 - text.length));
  });
});

describe("a policy is refused", () => {
  test("that is no JSON object", () => {
    for (const text of ["", " ", "no", "null", "[]", '"*"', "{", '{"Statement":[]', "1"]) refused(text, "");
  });

  test("with a name twice in one object, however it is written", () => {
    refused('{"Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}', /"Effect" stands twice/);
    refused('{"Statement":{"Effect":"Deny","\\u0045ffect" : "Allow"}}', /"Effect" stands twice/);
    const twice = '"StringEquals":{"aws:username":"a"},"StringEquals":{"aws:userid":"b"}';
    refused(
      `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{${twice}}}}`,
      /"StringEquals" stands twice/,
    );
    parsePolicy(document(statement({ Sid: '"Effect":"\\' }), statement({ Sid: "Effect" })));
  });

  test("without statements, with elements that mean nothing here, or of another version", () => {
    refused("{}", /it has no Statement/);
    refused('{"Statement":[]}', /it has no Statement/);
    refused(JSON.stringify({ Version: "2020-01-01", Statement: STATEMENT }), /the Version must be/);
    refused(JSON.stringify({ Statement: STATEMENT, Extra: 1 }), /"Extra" is not supported/);
    refused(JSON.stringify({ Statement: STATEMENT, Id: 1 }), /the Id must be a text/);
    refused(document({ ...STATEMENT, Sid: "a" }, { ...STATEMENT, Sid: "a" }), /the Sid "a" stands twice/);
    refused('{"Statement":["no"]}', /statement 1: it must be an object/);
    refused('{"__proto__":{},"Statement":[]}', /"__proto__" is not supported/);
  });

  test("whose statements lack something, say it wrongly or turn it round", () => {
    const table: [changes: Record<string, unknown>, reason: RegExp][] = [
      [{ Effect: "allow" }, /the Effect must be Allow or Deny/],
      [{ Effect: undefined }, /the Effect must be/],
      [{ Sid: 1 }, /the Sid must be a text/],
      [{ Action: undefined }, /Action must be a text or a list of texts/],
      [{ Action: [] }, /Action must be a text or a list of texts/],
      [{ Action: ["sqs:SendMessage", 1] }, /Action must be a text or a list of texts/],
      [{ Action: "SendMessage" }, /is none of SQS/],
      [{ Action: "s3:*" }, /is none of SQS/],
      [{ Action: "sqs:Fly" }, /"sqs:Fly" cannot be taken; there is no such action/],
      [{ Action: "sqs:SendMessageBatch" }, /name sqs:SendMessage, which covers the batch/],
      [{ Resource: undefined }, /Resource must be a text or a list of texts/],
      [{ Resource: "" }, /Resource must be a text or a list of texts/],
      [{ Resource: "arn:aws:sqs:*:*:${aws:username}" }, /policy variables/],
      [{ NotAction: "sqs:DeleteQueue" }, /"NotAction" is not supported/],
      [{ NotPrincipal: "*" }, /"NotPrincipal" is not supported/],
      [{ NotResource: "*" }, /"NotResource" is not supported/],
    ];
    for (const [changes, reason] of table) refused(document(STATEMENT, statement(changes)), new RegExp(`statement 2: .*${reason.source}`));
  });

  test("whose principals are nobody", () => {
    const table: [principal: unknown, reason: RegExp][] = [
      [undefined, /Principal must be/],
      ["111111111111", /Principal must be/],
      [["*"], /Principal must be/],
      [{}, /names nobody/],
      [{ AWS: [] }, /Principal.AWS must be/],
      [{ AWS: "" }, /Principal.AWS must be/],
      [{ AWS: "arn:aws:iam::111111111111:user/*" }, /neither "\*", an account/],
      [{ AWS: "arn:aws:iam::1:root" }, /neither/],
      [{ AWS: "arn:aws:s3:::photos" }, /neither/],
      [{ AWS: "AIDAEXAMPLE" }, /neither/],
      [{ Service: "*" }, /must be like "s3.amazonaws.com"/],
      [{ Service: "s3.amazonaws.com.example" }, /must be like/],
      [{ Federated: "x" }, /"Federated" are not known here/],
      [{ CanonicalUser: "x" }, /"CanonicalUser" are not known here/],
    ];
    for (const [Principal, reason] of table) refused(document(statement({ Principal })), reason);
  });

  test("beyond its limits", () => {
    const principals = Array.from({ length: 25 }, (_, index) => String(100_000_000_000 + index));
    const half = statement({ Principal: { AWS: principals } });
    refused(document(half, half, STATEMENT), /51 principals, at most 50/);
    refused(document(...Array.from({ length: 21 }, () => STATEMENT)), /21 statements, at most 20/);
    refused(document(statement({ Action: Array.from({ length: 8 }, () => "sqs:SendMessage") })), /8 actions, at most 7/);
    const condition = statement({ Condition: { Bool: { "aws:SecureTransport": true, "aws:PrincipalIsAWSService": true } } });
    const one = statement({ Condition: { Bool: { "aws:SecureTransport": true } } });
    refused(document(condition, condition, condition, condition, condition, one), /11 conditions, at most 10/);
    const text = document(STATEMENT);
    refused(text + " ".repeat(8193 - text.length), /longer than 8192 bytes/);
    refused(document(statement({ Sid: "ü".repeat(4100) })), /longer than 8192 bytes/);
  });
});
