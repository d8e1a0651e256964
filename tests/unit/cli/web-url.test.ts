import { expect, test } from 'vitest';
import { webUrl } from '../../../src/cli/web-url.js';

test.each([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['chat.example.org', 'http://chat.example.org:3000'],
  ['::1', 'http://[::1]:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://127.0.0.1:3000'],
])('a server on %s is reached at %s', (host, url) => {
  expect(webUrl({ host, port: 3000 })).toBe(url);
});
