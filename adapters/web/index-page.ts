import { createHash } from 'node:crypto';

const STYLE = 'body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}';

/** What a person sees who opens the address in a browser. Loads nothing. */
export const INDEX_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Parley</title>
<style>${STYLE}</style>
<h1>Parley is running</h1>
<p>Ask over HTTP: <code>POST /api/question</code> with
<code>{"question": "…", "user_id": "…"}</code>.</p>
<p>Everything the API can do: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).
Health: <a href="/healthz">/healthz</a>, <a href="/readyz">/readyz</a>.</p>
</html>
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Allows the page's own style and nothing else. */
export const INDEX_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
