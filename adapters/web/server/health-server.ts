import { OpenAPIHono } from '@hono/zod-openapi';
import type { Log } from '../../../src/ports/process/log.js';
import { KeyGuesses } from '../access/key-guesses.js';
import { problemOfError, problemResponse } from '../http/problem.js';
import { addHealthRoutes, type HealthDependencies } from './health-routes.js';
import { type HttpServer, openHttpServer } from './http-server.js';
import { addMetricsRoute, type MetricsDependencies } from './metrics-route.js';

/**
 * `/healthz`, `/readyz` and `/metrics` alone, for a process without the HTTP API. It may listen everywhere without a key:
 * health tells no secret, and the metrics are then for this machine alone.
 */
export function createHealthServer(
  options: HealthDependencies & Omit<MetricsDependencies, 'guesses'> & { readonly log: Log },
): HttpServer {
  const app = new OpenAPIHono();
  addHealthRoutes(app, options);
  addMetricsRoute(app, { ...options, guesses: new KeyGuesses(options.clock) });
  app.notFound(() =>
    problemResponse({
      status: 404,
      code: 'not-found',
      message: 'There are /healthz, /readyz and /metrics here; the HTTP API is served by "parley web".',
    }),
  );
  app.onError((error) => problemResponse(problemOfError(error)));
  return openHttpServer({
    fetch: async (request, connection) => app.fetch(request, connection),
    log: options.log,
    keyIsSet: true,
  });
}
