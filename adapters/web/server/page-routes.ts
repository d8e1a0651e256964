import type { OpenAPIHono } from '@hono/zod-openapi';
import { problemResponse } from '../http/problem.js';
import { PAGE_FOLDER, type PageFile, readPageFiles } from './page-files.js';

/** Addresses that show the page, which finds out by itself what to show there: those of page/shell/pages.ts. */
const PAGE_PATHS = ['/', '/compare', '/numbers', '/admin', '/reference'];

/** Files of this server alone, no script or style within the document, and nowhere to frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** The name of a file under /assets/ changes with what is in it. One year, in seconds. */
const LASTING = 'public, max-age=31536000, immutable';

/** Whether a response may be kept by a browser, which no answer of the API may. */
export function isLasting(response: Response): boolean {
  return response.headers.get('cache-control') === LASTING;
}

/**
 * The page that a browser gets: its document at each of its addresses, and the files that this needs.
 *
 * @param folder - as the build leaves it; read when first asked for
 */
export function addPageRoutes(app: OpenAPIHono, folder: URL = PAGE_FOLDER): void {
  let read: Promise<ReadonlyMap<string, PageFile>> | null = null;
  const find = async (name: string) => {
    read ??= readPageFiles(folder);
    return (await read).get(name);
  };

  for (const path of PAGE_PATHS) {
    app.get(path, async (c) => {
      const document = await find('index.html');
      if (!document) {
        const message = 'The page is not built: run npm run build, then start Parley again.';
        return problemResponse({ status: 503, code: 'unavailable', message });
      }
      return fileResponse(document, c.req.raw, { 'content-security-policy': POLICY });
    });
  }
  app.get('/assets/:file', async (c) => {
    const file = await find(`assets/${c.req.param('file')}`);
    if (file) return fileResponse(file, c.req.raw, { 'cache-control': LASTING });
    return problemResponse({ status: 404, code: 'not-found', message: 'The page has no such file.' });
  });
}

function fileResponse(file: PageFile, request: Request, more: Record<string, string>): Response {
  const accepted = (request.headers.get('accept-encoding') ?? '').split(',').map((coding) => coding.trim());
  const coding = (['br', 'gzip'] as const).find((name) => accepted.includes(name) && file.codings.has(name));
  const bytes = (coding && file.codings.get(coding)) ?? file.plain;
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': file.type,
      vary: 'accept-encoding',
      ...(coding && { 'content-encoding': coding }),
      ...more,
    },
  });
}
