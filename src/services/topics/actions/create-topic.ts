import { action } from "../../../wire/api.ts";
import { operation, required, string, structure } from "../../../wire/shapes.ts";
import { invalidParameter } from "../rules/errors.ts";
import { readTags } from "../rules/tags.ts";
import { topicArn } from "../rules/topic-arn.ts";
import { canonicalAttributes } from "../rules/topic-attributes.ts";
import { checkNewTopicName, isFifoTopicName } from "../rules/topic-name.ts";
import { askedFor, type Context } from "./context.ts";
import { attributes, tags } from "./shapes.ts";

const createTopicOperation = operation("CreateTopic", {
  input: structure({ Name: required(string), Attributes: attributes, Tags: tags, DataProtectionPolicy: string }),
  output: structure({ TopicArn: string }),
});

/** Creates a topic, or finds the one that is there already and has all that is asked for. */
export const createTopic = ({ store }: Context) =>
  action(createTopicOperation, async ({ Name: name, Attributes = {}, Tags = [], DataProtectionPolicy }, call) => {
    checkNewTopicName(name, Attributes["FifoTopic"]);
    if (DataProtectionPolicy !== undefined)
      throw invalidParameter("DataProtectionPolicy Reason: not supported by this release of Millrace");
    const topic = askedFor({ account: call.principal.accountId, region: call.region, name }, call);
    await store.createTopic({ topic, attributes: canonicalAttributes(Attributes, isFifoTopicName(name)), tags: readTags(Tags) });
    return { TopicArn: topicArn(topic) };
  });
