import { expect, test } from 'vitest';
import { apiAddress, lineOf } from '../../../../../../adapters/web/page/api/operations.js';

test('an address has what its path names, and what is asked, percent-encoded', () => {
  const path = { id: 'a/b c' };
  expect(apiAddress('GET /api/conversations/{id}/export', { path, query: { format: 'json' } })).toBe(
    '/api/conversations/a%2Fb%20c/export?format=json',
  );
  expect(apiAddress('GET /api/conversations', { query: { user_id: 'Zoë & co' } })).toBe(
    '/api/conversations?user_id=Zo%C3%AB+%26+co',
  );
  expect(apiAddress('GET /api/admin/places', { query: {} }), 'nothing asked').toBe('/api/admin/places');
});

test('a call has the method of its name', () => {
  expect(
    lineOf('POST /api/admin/models/{alias}/{action}', { path: { alias: 'org/m', action: 'pull' } }),
  ).toEqual({
    method: 'POST',
    address: '/api/admin/models/org%2Fm/pull',
  });
});
