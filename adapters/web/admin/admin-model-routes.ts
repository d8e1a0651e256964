import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { MODEL_ACTIONS, MODEL_STATES, type ModelReport } from '../../../src/domain/model-report.js';
import { ORDER_TTL_MS, type UntakenOrder } from '../../../src/ports/model-orders.js';
import type { Reports } from '../../../src/ports/reports.js';
import { addRoute, json } from '../add-route.js';

export interface AdminModelDependencies {
  readonly reports: Pick<Reports, 'workers' | 'orders'>;
}

const Count = z.int().min(0);
const Sentence = z.string().nullable();

const AdminModel = z
  .object({
    alias: z.string(),
    description: z.string(),
    runs: z.enum(['local', 'hosted']),
    state: z.enum(MODEL_STATES).openapi({
      description: '`failed`: it cannot be used; `problem` says why, and what to do.',
    }),
    size_bytes: Count.nullable().openapi({ description: 'Of its file, here or as the catalog states it.' }),
    context_window: z.int().nullable().openapi({ description: 'Tokens; null until known.' }),
    progress: z.number().min(0).max(1).nullable().openapi({
      description: 'Of what goes on; null where nothing does, or it cannot be told how far it is.',
    }),
    problem: Sentence.openapi({ description: 'One sentence: what went wrong last, and what to do.' }),
    checked: z
      .object({ at: z.iso.datetime(), ok: z.boolean(), problem: Sentence })
      .nullable()
      .openapi({ description: 'When its whole file was read last, since the worker started.' }),
    doing: z.enum(MODEL_ACTIONS).nullable().openapi({ description: 'The order being carried out.' }),
    ordered: z.enum(MODEL_ACTIONS).nullable().openapi({
      description: 'An order that waits for the worker to take it.',
    }),
    uses: Count.openapi({ description: 'Replies that it is writing, and other uses.' }),
    deletable: z.boolean().openapi({ description: 'Whether its file is here, and Parley’s own download.' }),
    served: z.boolean().openapi({
      description: 'Whether this worker answers turns that ask for it. Chosen when the worker starts.',
    }),
  })
  .openapi('AdminModel');

const AdminModels = z
  .object({
    workers: z.array(
      z.object({ worker: z.string(), started_at: z.iso.datetime(), models: z.array(AdminModel) }),
    ),
  })
  .openapi('AdminModels');

/** How every worker's models are. A worker that died is gone from here after 15 s. */
export function addAdminModelRoutes(app: OpenAPIHono, { reports }: AdminModelDependencies): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/models',
      operationId: 'listWorkerModels',
      summary: 'Every worker, and how each model is there',
      responses: { 200: json('Every worker that runs.', AdminModels) },
    },
    async (c) => {
      const [workers, untaken] = await Promise.all([reports.workers.all(), reports.orders.untaken()]);
      const listed = [...workers].sort(([one], [other]) => one.localeCompare(other));
      return c.json({
        workers: listed.map(([worker, { startedAt, models }]) => ({
          worker,
          started_at: new Date(startedAt).toISOString(),
          models: models.map((model) =>
            modelBody(
              model,
              untaken.find((order) => order.worker === worker && order.alias === model.alias),
            ),
          ),
        })),
      });
    },
  );
}

function modelBody(model: ModelReport, order: UntakenOrder | undefined) {
  const late = order !== undefined && order.ageMs > ORDER_TTL_MS;
  const { checked } = model;
  return {
    alias: model.alias,
    description: model.description,
    runs: model.runs,
    state: model.state,
    size_bytes: model.sizeBytes,
    context_window: model.contextWindow,
    progress: model.progress,
    problem: late ? notTaken(order) : model.problem,
    checked: checked && { ...checked, at: new Date(checked.at).toISOString() },
    doing: model.doing,
    ordered: order === undefined || late ? null : order.action,
    uses: model.uses,
    deletable: model.file === 'downloaded',
    served: model.served,
  };
}

function notTaken({ action }: UntakenOrder): string {
  return `The order (${action}) was not taken within ${ORDER_TTL_MS / 1_000} s: see whether the worker still runs, and give it again.`;
}
