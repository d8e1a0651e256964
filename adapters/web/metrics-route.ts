import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Exposition } from '../../src/ports/metrics.js';
import { localOnly, requireKey } from './access.js';
import { addRoute, problem } from './add-route.js';

export interface MetricsDependencies {
  readonly metrics: () => Promise<Exposition>;
  /** Whoever reads the metrics needs it as a bearer token. Without it, only loopback may. */
  readonly apiKey?: string;
}

/** `/metrics`, for Prometheus. */
export function addMetricsRoute(app: OpenAPIHono, { metrics, apiKey }: MetricsDependencies): void {
  app.use('/metrics', apiKey === undefined ? localOnly() : requireKey(apiKey));
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
      },
    },
    async (c) => {
      const { contentType, text } = await metrics();
      return c.body(text, 200, { 'content-type': contentType });
    },
  );
}
