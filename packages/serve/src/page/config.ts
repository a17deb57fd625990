import type { PageConfig } from '../http/page-document.js';

/** What the server wrote into the document about itself. */
export function readConfig(body: HTMLElement): PageConfig {
  return JSON.parse(body.dataset.config ?? '{}') as PageConfig;
}
