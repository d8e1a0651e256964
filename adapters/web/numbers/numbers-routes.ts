import type { OpenAPIHono } from '@hono/zod-openapi';
import type { NumbersQuery, NumbersStore } from '../../../src/ports/numbers/numbers.js';
import type { Clock } from '../../../src/ports/process/clock.js';
import { addRoute, json, problem } from '../http/add-route.js';
import { ProblemError } from '../http/problem.js';
import { check, invalid } from '../http/read-request.js';
import { numbersBody, type Prices } from './numbers-body.js';
import { numbersCsv } from './numbers-csv.js';
import { MOST_DAYS, NumbersBody, NumbersCall, NumbersCsvCall, rangeOf } from './numbers-schemas.js';

export interface NumbersDependencies {
  readonly numbers: Pick<NumbersStore, 'read'>;
  readonly prices: Prices;
  readonly clock: Clock;
}

const BAD_RANGE = problem(`A day or a name is not as described, or there are more than ${MOST_DAYS} days.`);

/** Conversations in numbers, for an admin. Nothing of it names a person unless asked. */
export function addNumbersRoutes(app: OpenAPIHono, { numbers, prices, clock }: NumbersDependencies): void {
  async function read(given: ReturnType<typeof NumbersCall.parse>) {
    const { from, to, days } = rangeOf(given, clock.now());
    if (days < 1) throw badField('from', 'must not be after to');
    if (days > MOST_DAYS) throw badField('from', `must be less than ${MOST_DAYS} days before to`);
    const { platform = null, model = null, names } = given;
    const query: NumbersQuery = { from, to, platform, model, names: names === 'yes' };
    return numbersBody(query, await numbers.read(query), prices);
  }

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/numbers',
      operationId: 'readNumbers',
      summary: 'Conversations in numbers, by day, platform and model',
      request: { query: NumbersCall },
      responses: { 200: json('All tables of a range of days.', NumbersBody), 400: BAD_RANGE },
    },
    async (c) => c.json(await read(check(NumbersCall, c.req.query()))),
  );

  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/numbers.csv',
      operationId: 'downloadNumbers',
      summary: 'One table of the numbers, for a spreadsheet',
      request: { query: NumbersCsvCall },
      responses: {
        200: {
          description: 'A line of headings, then one for each row.',
          content: { 'text/csv': { schema: { type: 'string' } } },
        },
        400: BAD_RANGE,
      },
    },
    async (c) => {
      const { table, ...filters } = check(NumbersCsvCall, c.req.query());
      if (table === 'people' && filters.names !== 'yes')
        throw badField('names', 'must be yes for this table');
      const body = await read(filters);
      return c.body(numbersCsv(body, table), 200, {
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': `attachment; filename="parley-${table}-${body.from}-${body.to}.csv"`,
      });
    },
  );
}

function badField(field: string, message: string): ProblemError {
  return new ProblemError(invalid([{ field, message }]));
}
