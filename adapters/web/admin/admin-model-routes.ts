import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { alreadyDone, whyNot } from '../../../src/domain/models/model-order.js';
import {
  MODEL_ACTIONS,
  MODEL_STATES,
  type ModelAction,
  type ModelReport,
  type WorkerReport,
} from '../../../src/domain/models/model-report.js';
import type { Reports } from '../../../src/ports/fleet/reports.js';
import { type OpenOrder, ORDER_TTL_MS } from '../../../src/ports/models/model-orders.js';
import { addRoute, BODY_ERRORS, body, json, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check, readJson } from '../http/read-request.js';
import { BODY_LIMIT } from '../http/request-schemas.js';

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
      description:
        'Whether this worker answers turns that ask for it. Follows what is on its machine; where `worker.models` ' +
        'lists what it serves, a model that is not listed stays unserved even once it is pulled.',
    }),
  })
  .openapi('AdminModel');

const AdminModels = z
  .object({
    workers: z.array(
      z.object({ worker: z.string(), started_at: z.iso.datetime(), models: z.array(AdminModel) }),
    ),
    not_taken: z
      .array(
        z.object({
          worker: z.string(),
          alias: z.string(),
          action: z.enum(MODEL_ACTIONS),
          problem: z.string(),
        }),
      )
      .openapi({
        description: 'Orders of the last 10 minutes that no worker took or carried out, with what to do.',
      }),
  })
  .openapi('AdminModels');

const OrderPath = z.object({
  alias: z.string().max(400),
  action: z.enum(MODEL_ACTIONS),
});

const OrderCall = z
  .strictObject({
    worker: z.string().max(400).optional().openapi({ description: 'All workers where left out.' }),
  })
  .openapi('ModelOrderCall');

const Ordered = z
  .object({
    alias: z.string(),
    action: z.enum(MODEL_ACTIONS),
    workers: Count.openapi({ description: 'Workers that were given the order.' }),
  })
  .openapi('ModelOrdered');

/**
 * How every worker's models are, and orders for them. A worker that died is gone from here after 15 s; an order that it
 * did not take by then, or took and did not carry out, is told of.
 */
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
      const [workers, open] = await Promise.all([reports.workers.all(), reports.orders.open()]);
      const listed = [...workers].sort(([one], [other]) => one.localeCompare(other));
      const lost = open.filter(({ taken, worker, ageMs }) =>
        taken ? !workers.has(worker) : ageMs > ORDER_TTL_MS,
      );
      return c.json({
        not_taken: lost.map((order) => ({
          ...{ worker: order.worker, alias: order.alias, action: order.action },
          problem: whatToDo(order, workers.has(order.worker)),
        })),
        workers: listed.map(([worker, { startedAt, models }]) => ({
          worker,
          started_at: new Date(startedAt).toISOString(),
          models: models.map((model) =>
            modelBody(
              model,
              open.find((order) => !order.taken && order.worker === worker && order.alias === model.alias),
            ),
          ),
        })),
      });
    },
  );

  addRoute(
    app,
    {
      method: 'post',
      path: '/api/admin/models/{alias}/{action}',
      operationId: 'orderModel',
      summary: 'Have workers pull, check, load, unload or delete a model, or cancel a pull or a check',
      request: { params: OrderPath, ...body(OrderCall) },
      responses: {
        202: json('The order is on its way; GET /api/admin/models shows what comes of it.', Ordered),
        404: problem('There is no such model, or no such worker.'),
        409: problem('No worker can do that now; `message` says why.'),
        ...BODY_ERRORS,
      },
    },
    async (c) => {
      const { alias, action } = check(OrderPath, c.req.param());
      const { worker } = await readJson(c.req.raw, OrderCall, BODY_LIMIT);
      const models = modelsOf(await reports.workers.all(), alias, worker);
      const refusals = models.map(({ model }) => reasonAgainst(action, model));
      const able = models.filter((_, i) => refusals[i] === null);
      if (able.length === 0) throw conflict(refusals[0] ?? '');
      await Promise.all(able.map(({ name }) => reports.orders.give({ worker: name, alias, action })));
      return c.json({ alias, action, workers: able.length }, 202);
    },
  );
}

/**
 * The model as each worker has it, or as `worker` has it.
 *
 * @throws {ProblemError} 404 where there is none, 409 where no worker runs
 */
function modelsOf(workers: ReadonlyMap<string, WorkerReport>, alias: string, worker: string | undefined) {
  if (workers.size === 0) throw conflict('No worker is running: start one with "parley worker".');
  if (worker !== undefined && !workers.has(worker))
    throw notFound('No worker of that name is running; GET /api/admin/models lists those that are.');
  const found = [...workers]
    .filter(([name]) => worker === undefined || name === worker)
    .flatMap(([name, { models }]) =>
      models.filter((model) => model.alias === alias).map((model) => ({ name, model })),
    );
  if (found.length === 0)
    throw notFound('There is no such model; GET /api/admin/models lists those there are.');
  return found;
}

/** Why an order makes no sense, and what to do; null where it does. */
function reasonAgainst(action: ModelAction, model: ModelReport): string | null {
  if (model.doing === action) return null;
  return whyNot(action, model) ?? alreadyDone(action, model);
}

function conflict(message: string): ProblemError {
  return new ProblemError({ status: 409, code: 'conflict', message });
}

function notFound(message: string): ProblemError {
  return new ProblemError({ status: 404, code: 'not-found', message });
}

function modelBody(model: ModelReport, order: OpenOrder | undefined) {
  const { checked } = model;
  return {
    alias: model.alias,
    description: model.description,
    runs: model.runs,
    state: model.state,
    size_bytes: model.sizeBytes,
    context_window: model.contextWindow,
    progress: model.progress,
    problem: model.problem,
    checked: checked && { ...checked, at: new Date(checked.at).toISOString() },
    doing: model.doing,
    ordered: order !== undefined && order.ageMs <= ORDER_TTL_MS ? order.action : null,
    uses: model.uses,
    deletable: model.file === 'downloaded',
    served: model.served,
  };
}

/** On an order that its worker did not take, or took without an end. */
function whatToDo({ action, alias, taken }: OpenOrder, running: boolean): string {
  const how = taken ? 'not carried out' : `not taken within ${ORDER_TTL_MS / 1_000} s`;
  const what = `The order to ${action} ${alias} was ${how}`;
  return running
    ? `${what}: give it again.`
    : `${what}: that worker is gone; start it, and give the order again.`;
}
