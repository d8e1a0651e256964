import type { OpenAPIHono } from '@hono/zod-openapi';

/** Describes all routes added before and after it, itself included. */
export function addOpenApiRoute(app: OpenAPIHono): void {
  const path = '/api/openapi.json';
  app.openAPIRegistry.registerComponent('securitySchemes', 'apiKey', {
    type: 'http',
    scheme: 'bearer',
    description: 'PARLEY_API_KEY. Where none is set, only this machine can call, and needs none.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'session', {
    type: 'apiKey',
    in: 'cookie',
    name: 'parley_session',
    description: 'A browser that signed in by POST /api/session.',
  });
  app.openAPIRegistry.registerPath({
    method: 'get',
    path,
    operationId: 'describe',
    summary: 'This document',
    security: [{ apiKey: [] }, { session: [] }],
    responses: {
      200: {
        description: 'OpenAPI 3.1.',
        content: { 'application/json': { schema: { type: 'object' } } },
      },
    },
  });
  let document: object | null = null;
  app.get(path, (c) => {
    document ??= app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Parley',
        version: '1',
        description: 'Ask the models that Parley runs, with memory. Errors are `Error` objects everywhere.',
      },
      servers: [{ url: '/' }],
    });
    return c.json(document);
  });
}
