import { ExpectedFailure } from '../../domain/failure.js';

/** Node's socket errors, and PostgreSQL's SQLSTATEs that pass when the server is back. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  '57P01', // the server is shutting down
  '57P02', // another server process crashed
  '57P03', // the server is starting
  '53300', // too many connections
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '25P03', // we left a transaction idle for too long
  '25006', // read-only: another server is about to take its place
  'P1001', // Prisma: cannot reach the server
  'P1002', // Prisma: reaching the server took too long
  'P1008', // Prisma: an operation took too long
  'P1017', // Prisma: the server closed the connection
  'P2024', // Prisma: no connection of the pool in time
  'P2028', // Prisma: no transaction begun in time
  'P2037', // Prisma: too many connections
  // What Prisma's driver makes of socket errors: raw queries have no other code.
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
]);

/** SQLSTATEs of a server that answers and cannot do it now: made again later, the same may succeed. */
const HINDERED = new Set([
  '40001', // lost a conflict with another transaction
  '40P01', // ended to resolve a deadlock
  'P2034', // Prisma's code for either
  '53000', // short of something
  '53100', // the disk is full
  '53200', // out of memory
  '55P03', // a lock was not to be had in time
  '57014', // it took longer than a statement may
  '58030', // the disk fails
]);

/** What will not mend itself: the operator must change something. */
const REFUSED = new Set([
  '28000', // no such role, or not from here
  '28P01', // wrong password
  '3D000', // no such database
  '42501', // not allowed to
  'P1000',
  'P1003',
  'P1010',
]);

/** What pg says without a code. */
const UNREACHABLE_TEXT =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|timeout expired|Query read timeout|Cannot use a pool after calling end)/;

/**
 * Makes an ExpectedFailure of a database that is out of reach; anything else is a bug and comes back as it was,
 * but for the values in a query.
 * Prisma wraps what pg threw several layers deep, so the whole chain of causes is read.
 */
export function asSetupFailure(error: unknown): unknown {
  for (const { code, message, self } of causes(error)) {
    if (self instanceof ExpectedFailure) return self;
    if (UNREACHABLE.has(code) || UNREACHABLE_TEXT.test(message)) {
      return new ExpectedFailure('setup', `the database is out of reach (${code || message})`, {
        retryable: true,
        cause: error,
      });
    }
    if (HINDERED.has(code)) {
      return new ExpectedFailure('setup', `the database cannot do that now (${code})`, {
        retryable: true,
        cause: error,
      });
    }
    if (REFUSED.has(code)) {
      return new ExpectedFailure('setup', `the database refuses us (${code}): check DATABASE_URL`, {
        cause: error,
      });
    }
  }
  return withoutValues(error);
}

/** Prisma shows the whole query in an error of validation, whatever its `errorFormat`: what people wrote. */
function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'PrismaClientValidationError') return error;
  const problem = error.message.trim().split('\n').at(-1);
  const frames = error.stack?.split('\n').filter((line) => /^ +at /.test(line)) ?? [];
  const shown = new Error(`Prisma refuses a query of ours: ${problem}`);
  shown.stack = [`Error: ${shown.message}`, ...frames].join('\n');
  return shown;
}

/** SQLSTATEs and Prisma's codes of an error and its causes. */
export function databaseCodes(error: unknown): readonly string[] {
  return causes(error).map(({ code }) => code);
}

/** Runs a query, with {@link asSetupFailure} on what it throws. */
export async function reaching<Result>(query: PromiseLike<Result>): Promise<Result> {
  try {
    return await query;
  } catch (error) {
    throw asSetupFailure(error);
  }
}

interface Cause {
  readonly self: unknown;
  readonly code: string;
  readonly message: string;
}

const DEPTH = 6;

function causes(error: unknown, depth = 0): Cause[] {
  if (typeof error !== 'object' || error === null || depth > DEPTH) return [];
  const read = (name: string): unknown => Reflect.get(error, name);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const nested = [read('cause'), read('meta'), read('driverAdapterError')];
  const several = read('errors'); // AggregateError: one for each address tried
  return [
    {
      self: error,
      code: text(read('code')) || text(read('originalCode')) || text(read('kind')),
      message: text(read('message')),
    },
    ...(Array.isArray(several) ? [...nested, ...several] : nested).flatMap((each) => causes(each, depth + 1)),
  ];
}
