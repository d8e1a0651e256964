import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Clock } from '../../../src/ports/process/clock.js';
import { ended } from '../../../src/process/time-limit.js';
import { addRoute, json } from '../http/add-route.js';
import { Alive, Readiness } from '../http/response-schemas.js';

/** Whether one thing Parley needs is there. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** One sentence without addresses and secrets: anybody who reaches the port reads it. */
  readonly reason?: string;
}

export interface HealthDependencies {
  readonly readiness: () => Promise<readonly ReadinessCheck[]>;
  readonly clock: Clock;
}

/** A check that takes longer, in ms, has failed: probes give up after a second or a few. */
const READINESS_LIMIT_MS = 3_000;

export function addHealthRoutes(app: OpenAPIHono, { readiness, clock }: HealthDependencies): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/healthz',
      operationId: 'alive',
      summary: 'Whether the process answers; asks nothing else',
      responses: { 200: json('It does.', Alive) },
    },
    (c) => c.json({ status: 'ok' }),
  );

  addRoute(
    app,
    {
      method: 'get',
      path: '/readyz',
      operationId: 'ready',
      summary: 'Whether database and queue are in reach',
      responses: { 200: json('All is well.', Readiness), 503: json('Something is not.', Readiness) },
    },
    async (c) => {
      const checks = await withinLimit(readiness, clock);
      const ready = checks.every((check) => check.ok);
      return c.json({ ready, checks }, ready ? 200 : 503);
    },
  );
}

async function withinLimit(
  readiness: HealthDependencies['readiness'],
  clock: Clock,
): Promise<readonly ReadinessCheck[]> {
  const failed = (reason: string) => [{ name: 'readiness', ok: false, reason }];
  const checked = readiness().catch(() => failed('The checks failed.'));
  const inTime = await ended(checked, READINESS_LIMIT_MS, clock);
  return inTime ? checked : failed('The checks did not finish in time.');
}
