/**
 * Messages that must be worked on one after the other, in order. Of a FIFO queue, those of one group; SQS itself keeps
 * further ones of the group back while these are in flight. Of a standard queue each stands alone, also where it has a
 * group: there the group only says with whom it shares fairly.
 * @param messages in the order in which they were received.
 */
export function chainsOf<M extends { readonly groupId: string | undefined }>(messages: readonly M[], isFifo: boolean): M[][] {
  if (!isFifo) return messages.map((message) => [message]);
  const chains = new Map<string, M[]>();
  for (const message of messages) {
    const chain = chains.get(message.groupId ?? "");
    if (chain === undefined) chains.set(message.groupId ?? "", [message]);
    else chain.push(message);
  }
  return [...chains.values()];
}
