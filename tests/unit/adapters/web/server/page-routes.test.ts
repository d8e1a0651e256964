import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { OpenAPIHono } from '@hono/zod-openapi';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPageRoutes } from '../../../../../adapters/web/server/page-routes.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'parley-page-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function built(): Promise<OpenAPIHono> {
  await mkdir(path.join(folder, 'assets'));
  await writeFile(path.join(folder, 'index.html'), '<!doctype html>');
  await writeFile(path.join(folder, 'assets/main-1a.js'), 'plain');
  await writeFile(path.join(folder, 'assets/main-1a.js.br'), 'as br');
  await writeFile(path.join(folder, 'assets/main-1a.js.gz'), 'as gzip');
  await writeFile(path.join(folder, 'assets/key.pem'), 'secret');
  return served();
}

function served(): OpenAPIHono {
  const app = new OpenAPIHono();
  addPageRoutes(app, pathToFileURL(`${folder}/`));
  return app;
}

test('lets the document load files of its own alone', async () => {
  const response = await (await built()).request('/');
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy.split('; ')).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test.each([
  ['br, gzip', 'br', 'as br'],
  ['gzip, deflate', 'gzip', 'as gzip'],
  ['identity', null, 'plain'],
])('sends a file as the browser takes it (%s), to be kept for good', async (accepted, coding, text) => {
  const app = await built();
  const response = await app.request('/assets/main-1a.js', { headers: { 'accept-encoding': accepted } });
  expect(response.headers.get('content-encoding')).toBe(coding);
  expect(response.headers.get('cache-control')).toContain('immutable');
  expect(await response.text()).toBe(text);
});

test.each(['/assets/none.js', '/assets/main-1a.js.br', '/assets/key.pem', '/assets/..%2findex.html'])(
  'has nothing at %s',
  async (address) => {
    const response = await (await built()).request(address);
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBeNull();
  },
);

test('says what to do where the page was not built', async () => {
  const response = await served().request('/');
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('npm run build');
});
