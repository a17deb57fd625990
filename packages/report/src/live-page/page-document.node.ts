import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { PerceptError } from '@percept/core';
import { escapeXml } from '../escape-xml.js';

/** The page as one document without any other resource, and the policy that allows its script alone. */
export interface PageDocument {
  readonly html: string;
  readonly policy: string;
}

/**
 * Puts the built page together.
 *
 * @throws PerceptError `REPORT_PAGE_MISSING`
 */
export async function pageDocument(title: string): Promise<PageDocument> {
  const [built, style] = await Promise.all([readPage('js'), readPage('css')]);
  // Inside strings, templates and regular expressions, which is all a minified script can hold it in, this is the same.
  const script = built.replace(/<\/(script)/gi, '<\\/$1').trim();
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeXml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript.</noscript>
<script type="module">${script}</script>
</body>
</html>
`;
  const hash = createHash('sha256').update(script).digest('base64');
  // Plots place their tooltips by style attributes.
  const policy = `default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  return { html, policy };
}

/** A file of the built page. It lies in `dist/page`, whether this file runs from `src` or has been built into `dist`. */
async function readPage(extension: 'js' | 'css'): Promise<string> {
  const file = `page/live-page.${extension}`;
  // Built, this file lies in `dist` itself; as source it is two folders below the package.
  const places = [new URL(`./${file}`, import.meta.url), new URL(`../../dist/${file}`, import.meta.url)];
  for (const place of places) {
    try {
      return await readFile(place, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  throw new PerceptError(
    'REPORT_PAGE_MISSING',
    'Expected the built page in dist/page; build or reinstall @percept/report',
  );
}
