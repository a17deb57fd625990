import { PerceptError } from '@percept/core';
import { excerpt, type Refusal, redacted } from '../http/send.js';
import { keyConflict, notFound } from '../key-errors.js';
import { elementText } from './s3-xml.js';

/** Explains what an S3 server refused, by the code of its error document or else by the status. */
export function explainS3(refusal: Refusal, action: string, key: string, description: string): PerceptError {
  const { status, text } = refusal;
  const code = elementText(text, 'Code') ?? '';
  const url = redacted(refusal.url);
  const said = `${status}${code === '' ? '' : ` ${code}`}${excerpt({ text: elementText(text, 'Message') ?? '' })}`;
  const options = { details: { key, url, status, code } };
  switch (code) {
    case 'NoSuchBucket':
      return new PerceptError(
        'STORAGE_FAILED',
        `Could not ${action} "${key}": ${description} has no such bucket; create it, or check bucket, endpoint and region`,
        options,
      );
    case 'NoSuchKey':
      return notFound(key, description);
    case 'KeyTooLongError':
    case 'XMinioInvalidObjectName':
      return new PerceptError(
        'STORAGE_INVALID_KEY',
        `Could not ${action} "${key}": ${description} does not take the name (${said}); use a shorter key or plain characters`,
        options,
      );
    case 'XMinioParentIsObject':
    case 'XMinioObjectExistsAsDirectory':
      return keyConflict(key, description);
    case 'BadDigest':
    case 'InvalidDigest':
    case 'XAmzContentChecksumMismatch':
    case 'XAmzContentSHA256Mismatch':
      return new PerceptError(
        'STORAGE_CHECKSUM_MISMATCH',
        `Could not ${action} "${key}": ${description} received other bytes than were sent (${said}); try again, and look for what changes bytes on the way`,
        options,
      );
    case 'QuotaExceeded':
    case 'XMinioStorageFull':
    case 'XMinioAdminBucketQuotaExceeded':
    case 'EntityTooLarge':
      return new PerceptError(
        'STORAGE_FULL',
        `Could not ${action} "${key}": ${description} has no room for it (${said}); free space or raise the limit`,
        options,
      );
  }
  if (status === 404 || status === 410) return notFound(key, description);
  if (status === 401 || status === 403) {
    return new PerceptError(
      'STORAGE_PERMISSION',
      `Could not ${action} "${key}": ${url} answered ${said}; check the credentials and what they may do`,
      options,
    );
  }
  if (status === 501 || code === 'NotImplemented') {
    return new PerceptError(
      'STORAGE_UNSUPPORTED',
      `Could not ${action} "${key}": ${description} does not know how (${said}); try conditionalWrites: false or checksums: false`,
      options,
    );
  }
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not ${action} "${key}": ${url} answered ${said}${status === 301 || status === 0 ? '; set region to that of the bucket' : '; check the endpoint and the request'}`,
    options,
  );
}
