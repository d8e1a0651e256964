import { expect, test } from 'vitest';
import { curlExample } from '../../../../../../adapters/web/page/reference/curl-example.js';
import type { Operation } from '../../../../../../adapters/web/page/reference/openapi-document.js';

const ORIGIN = 'http://localhost:8080';
const answers = { 200: { description: 'Done.', content: { 'application/json': {} } } };

test('calls with what is required: parameters, key and body', () => {
  const operation: Operation = {
    operationId: 'rename',
    method: 'PATCH',
    path: '/api/things/{id}',
    security: [{ apiKey: [] }, { session: [] }],
    parameters: [
      { name: 'id', in: 'path', required: true, schema: { type: 'string', example: 'a b' } },
      { name: 'user_id', in: 'query', required: true, schema: { type: 'string', example: 'u-1' } },
      { name: 'limit', in: 'query', schema: { type: 'integer' } },
    ],
    requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Change' } } } },
    responses: answers,
  };
  const Change = {
    type: 'object',
    properties: { title: { type: 'string', example: 'It’s "it\'s"' }, note: { type: 'string' } },
    required: ['title'],
  };
  expect(curlExample(operation, { Change }, ORIGIN).split(' \\\n  ')).toEqual([
    "curl -X PATCH 'http://localhost:8080/api/things/a%20b?user_id=u-1'",
    '-H "Authorization: Bearer $PARLEY_API_KEY"',
    "-H 'Content-Type: application/json'",
    `-d '{"title":"It’s \\"it'\\''s\\""}'`,
  ]);
});

test('asks for no key where none is needed, and does not hold events back', () => {
  const events = { 200: { description: 'Events.', content: { 'text/event-stream': {} } } };
  const operation = { operationId: 'follow', method: 'GET', path: '/events' };
  expect(curlExample({ ...operation, responses: events }, {}, ORIGIN)).toBe(
    "curl -N 'http://localhost:8080/events'",
  );
  expect(curlExample({ ...operation, responses: answers }, {}, ORIGIN)).toBe(
    "curl 'http://localhost:8080/events'",
  );
});
