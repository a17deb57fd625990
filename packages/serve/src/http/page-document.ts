import type { PageFiles } from './platform.js';

/** What the page is told about the server it belongs to. */
export interface PageConfig {
  readonly title: string;
  readonly note: string | undefined;
  readonly feedback: boolean;
  readonly monitor: boolean;
}

/** The page as one document without any other resource, and the policy that allows exactly its script and style. */
export interface PageDocument {
  readonly html: string;
  readonly policy: string;
}

/** Puts the built page together. */
export async function pageDocument(files: PageFiles, config: PageConfig): Promise<PageDocument> {
  // Inside strings, templates and regular expressions, which is all a minified script can hold it in, this is the same.
  const script = files.script.replace(/<\/(script)/gi, '<\\/$1').trim();
  const style = files.style.trim();
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(config.title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body data-config="${escapeHtml(JSON.stringify(config))}">
<div id="app"></div>
<noscript>This page needs JavaScript. The same is open to programs at <code>POST /api/predict</code>.</noscript>
<script type="module">${script}</script>
</body>
</html>
`;
  const policy = [
    "default-src 'none'",
    `script-src '${await contentHash(script)}'`,
    `style-src '${await contentHash(style)}'`,
    "img-src 'self' blob: data:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

async function contentHash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
}
