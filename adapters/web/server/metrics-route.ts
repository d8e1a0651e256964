import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Exposition } from '../../../src/ports/telemetry/metrics.js';
import { localOnly, requireKey } from '../access/access.js';
import type { KeyGuesses } from '../access/key-guesses.js';
import { addRoute, problem, RETRY_AFTER } from '../http/add-route.js';

export interface MetricsDependencies {
  readonly metrics: () => Promise<Exposition>;
  /** Whoever reads the metrics needs it as a bearer token. Without it, only loopback may. */
  readonly apiKey?: string;
  readonly guesses: KeyGuesses;
}

/** `/metrics`, for Prometheus. */
export function addMetricsRoute(app: OpenAPIHono, { metrics, apiKey, guesses }: MetricsDependencies): void {
  app.use('/metrics', apiKey === undefined ? localOnly() : requireKey(apiKey, guesses));
  addRoute(
    app,
    {
      method: 'get',
      path: '/metrics',
      operationId: 'metrics',
      summary: 'What Prometheus reads',
      security: [{ apiKey: [] }],
      responses: {
        200: {
          description: 'Metrics in Prometheus’ text format.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
        401: problem('The API key is missing or wrong.'),
        403: problem('No API key is set, and the request came by another name than localhost.'),
        429: problem('Too many wrong keys came from this address.', RETRY_AFTER),
      },
    },
    async (c) => {
      const { contentType, text } = await metrics();
      return c.body(text, 200, { 'content-type': contentType });
    },
  );
}
