import { afterEach, beforeEach, expect, test } from 'vitest';
import { openWeb } from '../open-web.js';

interface Operation {
  readonly operationId: string;
  readonly security?: unknown;
  readonly requestBody?: {
    readonly content: Record<string, { schema: unknown }>;
    readonly required: boolean;
  };
  readonly responses: Record<
    string,
    { readonly description: string; readonly content?: Record<string, unknown> }
  >;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: {
    readonly schemas: Record<string, { properties: Record<string, unknown>; additionalProperties?: boolean }>;
    readonly securitySchemes: Record<string, unknown>;
  };
}

let open: Awaited<ReturnType<typeof openWeb>>;
let document: Document;
beforeEach(async () => {
  open = await openWeb();
  document = (await (await open.send('GET', '/api/openapi.json')).json()) as Document;
});
afterEach(() => open.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

test('every address is described, each with a name of its own', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(
    operations()
      .map(({ path, method }) => `${method} ${path}`)
      .sort(),
  ).toEqual([
    'delete /api/conversations/{id}',
    'delete /api/session',
    'get /api/admin/numbers',
    'get /api/admin/numbers.csv',
    'get /api/commands',
    'get /api/conversations',
    'get /api/conversations/{id}',
    'get /api/conversations/{id}/export',
    'get /api/conversations/{id}/settings',
    'get /api/models',
    'get /api/openapi.json',
    'get /api/options',
    'get /api/session',
    'get /api/turns/{id}/events',
    'get /healthz',
    'get /metrics',
    'get /readyz',
    'get /v1/models',
    'get /v1/models/{id}',
    'patch /api/conversations/{id}',
    'patch /api/conversations/{id}/settings',
    'post /api/commands/{name}',
    'post /api/conversations/{id}/clear',
    'post /api/question',
    'post /api/session',
    'post /api/turns/{id}/regenerate',
    'post /api/turns/{id}/stop',
    'post /api/turns/{id}/vote',
    'post /v1/chat/completions',
  ]);
  const names = operations().map(({ operation }) => operation.operationId);
  expect(new Set(names).size).toBe(names.length);
});

test('each call under /api says what it needs: the key, or nothing to sign in; and what else can go wrong', () => {
  for (const { path, method, operation } of operations()) {
    if (!path.startsWith('/api/') || path === '/api/openapi.json') continue;
    expect(operation.security, `${method} ${path}`).toEqual(
      path === '/api/session' ? [] : [{ apiKey: [] }, { session: [] }],
    );
    expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['401', '403', '500', '503']));
    if (operation.requestBody)
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '413', '415']));
    for (const [status, response] of Object.entries(operation.responses)) {
      if (Number(status) < 400) continue;
      expect(response.content).toEqual({
        'application/json': { schema: { $ref: '#/components/schemas/Error' } },
      });
    }
  }
  expect(document.components.securitySchemes['apiKey']).toMatchObject({ type: 'http', scheme: 'bearer' });
});

test('the question is described with its ranges, its key and its stream', () => {
  const operation = document.paths['/api/question']?.['post'];
  expect(operation?.responses['200']?.content).toHaveProperty(['text/event-stream']);
  expect(operation?.requestBody).toMatchObject({ required: true });
  expect(JSON.stringify(operation)).toContain('Idempotency-Key');
  expect(document.components.schemas['Question']?.additionalProperties).toBe(false);
  expect(document.components.schemas['Parameters']?.properties).toMatchObject({
    temperature: { type: 'number', minimum: 0, maximum: 2 },
    top_k: { type: 'integer', minimum: 0, maximum: 1000 },
    seed: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
  });
});
