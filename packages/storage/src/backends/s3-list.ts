import { PerceptError, throwIfAborted } from '@percept/core';
import { modifiedOf } from '../http/body.js';
import { askText } from '../http/send.js';
import { isKey } from '../key.js';
import type { ObjectInfo } from '../storage.js';
import { explainS3 } from './s3-errors.js';
import type { S3Target } from './s3-upload.js';
import { elementNumber, elements, elementText } from './s3-xml.js';

/** Pages without any object in a row that a server may send. */
const mostEmptyPages = 1000;

/**
 * Objects whose path begins with `prefix`, with `root` cut off their paths, by ListObjectsV2.
 *
 * @param target - its key is what messages name
 */
export async function* listObjects(
  target: S3Target,
  root: string,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<ObjectInfo> {
  const { client, key, description } = target;
  let token: string | undefined;
  for (let empty = 0; ; ) {
    const url = client.url('', {
      'list-type': '2',
      'encoding-type': 'url',
      // A last segment that is only dots is the beginning of names like `.hidden`, but MinIO takes it for a path.
      prefix: `${root}${prefix.replace(/(^|\/)\.{1,2}$/, '$1')}`,
      'continuation-token': token,
    });
    const answer = await askText(client, { method: 'GET', url }, { signal });
    if (!answer.ok) throw explainS3(answer, 'list', key, description);
    if (!answer.text.includes('<ListBucketResult')) throw noListing(description);
    const encoded = elementText(answer.text, 'EncodingType') === 'url';
    const objects = elements(answer.text, 'Contents');
    for (const xml of objects) {
      const info = infoOf(xml, encoded, root, prefix);
      if (info !== undefined) yield info;
      throwIfAborted(signal);
    }
    if (elementText(answer.text, 'IsTruncated') !== 'true') return;
    const next = elementText(answer.text, 'NextContinuationToken');
    empty = objects.length === 0 ? empty + 1 : 0;
    if (next === undefined || next === '' || next === token || empty > mostEmptyPages) throw endless(description);
    token = next;
  }
}

function infoOf(xml: string, encoded: boolean, root: string, prefix: string): ObjectInfo | undefined {
  const text = elementText(xml, 'Key');
  const path = text !== undefined && encoded ? decoded(text) : text;
  const size = elementNumber(xml, 'Size');
  if (path === undefined || size === undefined || !path.startsWith(root)) return undefined;
  const key = path.slice(root.length);
  if (!key.startsWith(prefix) || !isKey(key)) return undefined;
  const version = elementText(xml, 'ETag');
  return {
    key,
    size,
    ...modifiedOf(elementText(xml, 'LastModified')),
    ...(version === undefined ? {} : { version: version.startsWith('"') ? version : `"${version}"` }),
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function noListing(description: string): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Expected a listing from ${description} but received something else; check that the endpoint is an S3 server`,
    { details: { storage: description } },
  );
}

function endless(description: string): PerceptError {
  return new PerceptError(
    'STORAGE_FAILED',
    `Expected the listing of ${description} to come to an end but its pages lead nowhere; check the server`,
    { details: { storage: description } },
  );
}
