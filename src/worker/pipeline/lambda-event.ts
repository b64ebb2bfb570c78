/** What is read of an SQS event as AWS Lambda hands it to a function. */
export interface LambdaEvent {
  readonly Records: readonly {
    readonly messageId: string;
    readonly receiptHandle: string;
    readonly body: string;
    /** Of the queue. */
    readonly eventSourceARN?: string;
    readonly attributes: Readonly<Record<string, string | undefined>>;
    readonly messageAttributes?: Readonly<
      Record<string, { readonly dataType: string; readonly stringValue?: string; readonly binaryValue?: string }>
    >;
  }[];
}

/** What is left undone, and so comes back; Lambda deletes the others. */
export interface LambdaAnswer {
  readonly batchItemFailures: { readonly itemIdentifier: string }[];
}

export type LambdaHandler = (event: LambdaEvent) => Promise<LambdaAnswer>;
