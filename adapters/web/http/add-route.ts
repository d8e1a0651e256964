import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi';
import type { Handler } from 'hono';
import { ErrorBody } from './response-schemas.js';

type HeadersObject = Record<
  string,
  { description: string; schema: { type: 'string' | 'integer'; minimum?: number } }
>;

/** Adds a handler, and its description to the OpenAPI document. Errors every call can give are added here. */
export function addRoute(app: OpenAPIHono, route: RouteConfig, handler: Handler): void {
  const common = route.path.startsWith('/api/') ? { ...COMMON_ERRORS, ...route.responses } : route.responses;
  const responses = Object.fromEntries(Object.entries(common).sort(([a], [b]) => a.localeCompare(b)));
  const secured = route.path.startsWith('/api/') ? { security: [{ apiKey: [] }, { session: [] }] } : {};
  app.openAPIRegistry.registerPath({ ...secured, ...route, responses });
  app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), handler);
}

export function json<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } };
}

export function problem(description: string, headers: HeadersObject = {}) {
  return { ...json(description, ErrorBody), headers };
}

export function body<S extends z.ZodType>(schema: S) {
  return { body: { required: true, content: { 'application/json': { schema } } } };
}

export const RETRY_AFTER: HeadersObject = {
  'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } },
};

/** A body that cannot be read. */
export const BODY_ERRORS = {
  400: problem('The body is malformed, or a field is not as described.'),
  413: problem('The body is larger than 256 kB, or the question too long for the bot or the model.'),
  415: problem('The body is not application/json in UTF-8.'),
};

const COMMON_ERRORS = {
  401: problem('The API key is missing or wrong.', {
    'WWW-Authenticate': { description: 'Bearer.', schema: { type: 'string' } },
  }),
  403: problem(
    'Not for this caller: an API key that is no admin’s, a page of another site, or, where no key is set, another name than localhost.',
  ),
  429: problem('Too many wrong keys came from this address.', RETRY_AFTER),
  500: problem('A bug in Parley; its log says more.'),
  503: problem('Database, queue or model is out of reach.', RETRY_AFTER),
};
