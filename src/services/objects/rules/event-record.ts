/** Everything an event tells of. */
export interface ObjectEvent {
  /** Without `s3:`: `ObjectCreated:Put`. */
  readonly name: string;
  readonly atMs: number;
  readonly region: string;
  readonly bucket: { readonly name: string; readonly ownerId: string };
  readonly key: string;
  /** Absent for deletions. */
  readonly object?: { readonly sizeBytes?: number; readonly etag: string };
  /** Grows with each event of a key. */
  readonly sequencer: bigint;
  readonly caller: { readonly principalId: string; readonly remoteAddress: string };
  readonly request: { readonly id: string; readonly hostId: string };
}

/**
 * The message about one event, as S3 writes it.
 * @param configurationId the id of the notification that asked for it.
 */
export function eventMessage(event: ObjectEvent, configurationId: string): string {
  const tagging = event.name.startsWith("ObjectTagging:");
  const record = {
    eventVersion: tagging ? "2.3" : "2.1",
    eventSource: "aws:s3",
    awsRegion: event.region,
    eventTime: new Date(event.atMs).toISOString(),
    eventName: event.name,
    userIdentity: { principalId: event.caller.principalId },
    requestParameters: { sourceIPAddress: event.caller.remoteAddress },
    responseElements: { "x-amz-request-id": event.request.id, "x-amz-id-2": event.request.hostId },
    s3: {
      s3SchemaVersion: "1.0",
      configurationId,
      bucket: {
        name: event.bucket.name,
        ownerIdentity: { principalId: event.bucket.ownerId },
        arn: bucketArn(event.bucket.name),
      },
      object: {
        key: formEncoded(event.key),
        ...(event.object?.sizeBytes === undefined || tagging ? {} : { size: event.object.sizeBytes }),
        ...(event.object === undefined ? {} : { eTag: event.object.etag }),
        ...(tagging ? {} : { sequencer: event.sequencer.toString(16).toUpperCase().padStart(18, "0") }),
      },
    },
  };
  return JSON.stringify({ Records: [record] });
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/** What each destination gets when it is configured; consumers know it by having no `Records`. */
export function testMessage(details: { bucket: string; atMs: number; requestId: string; hostId: string }): string {
  return JSON.stringify({
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: new Date(details.atMs).toISOString(),
    Bucket: details.bucket,
    RequestId: details.requestId,
    HostId: details.hostId,
  });
}

/** As in HTML forms, but slashes stay: a space is a plus, and what else is not a letter, a digit or one of `.-_*` is encoded. */
function formEncoded(key: string): string {
  return encodeURIComponent(key)
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+")
    .replaceAll("%2F", "/");
}
