import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { type LogExportReport, logExportState } from '../../../src/domain/log-export-report.js';
import type { Reports } from '../../../src/ports/fleet/reports.js';
import { addRoute, json } from '../http/add-route.js';

export interface AdminLogExportDependencies {
  readonly reports: Pick<Reports, 'logExports'>;
}

const State = z.enum(['off', 'ok', 'failing', 'waiting']).openapi({
  description:
    '`off`: no running worker has LOGGING_URL. `waiting`: nothing was posted since it started. `failing`: the last post failed.',
});

const Fares = z.object({
  state: State,
  origin: z.string().nullable().openapi({ description: 'Where logs go: never more of the address.' }),
  last_success_at: z.iso.datetime().nullable(),
  last_failure: z.object({ at: z.iso.datetime(), reason: z.string() }).nullable(),
});

const LogExport = Fares.extend({
  processes: z.array(Fares.extend({ process: z.string() })).openapi({
    description: 'Every worker that posts logs. Above it stands the one that fares worst.',
  }),
}).openapi('LogExport');

const OFF = { state: 'off', origin: null, last_success_at: null, last_failure: null } as const;
const WORST_FIRST = ['failing', 'waiting', 'ok'];

/** How posting logs fares. A worker that died is gone from here after 15 s. */
export function addAdminLogExportRoutes(app: OpenAPIHono, { reports }: AdminLogExportDependencies): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/log-export',
      operationId: 'getLogExport',
      summary: 'Whether finished turns are posted to LOGGING_URL, and how that fares',
      responses: { 200: json('How it fares, in all and in every process.', LogExport) },
    },
    async (c) => {
      const said = [...(await reports.logExports.all())].sort(([one], [other]) => one.localeCompare(other));
      const processes = said.map(([process, report]) => ({ process, ...fares(report) }));
      const [worst] = processes.toSorted(
        (one, other) => WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state),
      );
      const { process: _, ...overall } = worst ?? { process: '', ...OFF };
      return c.json({ ...overall, processes });
    },
  );
}

function fares(report: LogExportReport) {
  const { origin, lastFailure, lastSuccessAt } = report;
  const moment = (ms: number) => new Date(ms).toISOString();
  return {
    state: logExportState(report),
    origin,
    last_success_at: lastSuccessAt === null ? null : moment(lastSuccessAt),
    last_failure: lastFailure && { at: moment(lastFailure.at), reason: lastFailure.reason },
  };
}
