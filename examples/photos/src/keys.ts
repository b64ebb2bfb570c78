import type { ResultName } from "./jobs.ts";

/**
 * Where things lie in the two buckets. Every key follows from the photo's id, so a job that runs twice writes the same
 * objects twice, and there is nothing to tidy up.
 *
 *   photos-uploads   uploads/<uploadId>                          the file as it was sent
 *   photos-results   work/<photoId>.png                          checked copy on its way from server A to server B
 *                    results/<photoId>/photo.jpg                 the finished photo
 *                    results/<photoId>/thumbnail.jpg
 *                    batches/<batchId>.json                      what was asked for; written once
 *                    unsent/<batchId>.json                       stands until its jobs are in the queue
 *                    status/<batchId>/<photoId>.json             how far each photo is; written conditionally
 *                    runs/<photoId>/<server>-<run>.json          one for each execution: when, where, how long
 *                    dead/<messageId>.json                       what reached the dead-letter queue
 */
export const uploadKey = (uploadId: string): string => `uploads/${uploadId}`;
export const workKey = (photoId: string): string => `work/${photoId}.png`;
export const resultKey = (photoId: string, name: ResultName): string => `results/${photoId}/${name}.jpg`;
export const batchKey = (batchId: string): string => `batches/${batchId}.json`;
export const statusPrefix = (batchId: string): string => `status/${batchId}/`;
export const statusKey = (batchId: string, photoId: string): string => `status/${batchId}/${photoId}.json`;
export const runKey = (photoId: string, server: string, run: string): string => `runs/${photoId}/${server}-${run}.json`;
export const deadKey = (messageId: string): string => `dead/${messageId}.json`;
/** Stands while a batch's messages are on their way into the queue; found at a start, they are sent again. */
export const unsentPrefix = "unsent/";
export const unsentKey = (batchId: string): string => `${unsentPrefix}${batchId}.json`;
