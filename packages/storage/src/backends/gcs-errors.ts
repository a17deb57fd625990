import { PerceptError } from '@percept/core';
import { excerpt, type Refusal, redacted } from '../http/send.js';
import { notFound } from '../key-errors.js';
import { field, listField, parseJson, textField } from './json-answer.js';

/** Explains what Google Cloud Storage refused. */
export function explainGcs(refusal: Refusal, action: string, key: string, description: string): PerceptError {
  const { status } = refusal;
  const error = field(parseJson(refusal.text), 'error');
  const reason = textField(listField(error, 'errors')[0], 'reason') ?? '';
  const message = textField(error, 'message') ?? (error === undefined ? refusal.text : '');
  const said = `${status}${reason === '' ? '' : ` ${reason}`}${excerpt({ text: message })}`;
  const options = { details: { key, url: redacted(refusal.url), status, reason } };
  if (status === 404 && /bucket/i.test(message)) {
    return new PerceptError(
      'STORAGE_FAILED',
      `Could not ${action} "${key}": ${description} has no such bucket (${said}); create it, or check its name`,
      options,
    );
  }
  if (status === 404 || status === 410) return notFound(key, description);
  if (status === 401 || status === 403) {
    return new PerceptError(
      'STORAGE_PERMISSION',
      `Could not ${action} "${key}": ${description} answered ${said}; check the credentials and what they may do`,
      options,
    );
  }
  if (status === 413 || reason === 'quotaExceeded' || reason === 'storageFull') {
    return new PerceptError(
      'STORAGE_FULL',
      `Could not ${action} "${key}": ${description} has no room for it (${said}); free space or raise the limit`,
      options,
    );
  }
  return new PerceptError(
    'STORAGE_FAILED',
    `Could not ${action} "${key}": ${description} answered ${said}; check the endpoint and the request`,
    options,
  );
}
