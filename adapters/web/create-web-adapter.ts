import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Clock } from '../../src/ports/clock.js';
import type { HistoryReader } from '../../src/ports/history-reader.js';
import type { Inbox } from '../../src/ports/inbox.js';
import type { LiveEvents } from '../../src/ports/live-events.js';
import type { Log } from '../../src/ports/log.js';
import type { MemoryStore } from '../../src/ports/memory-store.js';
import type { TurnStore } from '../../src/ports/turn-store.js';
import { localOnly, requireKey } from './access.js';
import { addCommandRoutes, type CommandDependencies } from './command-routes.js';
import { addConversationRoutes } from './conversation-routes.js';
import { addHealthRoutes, type HealthDependencies } from './health-routes.js';
import { type HttpServer, type Listening, openHttpServer } from './http-server.js';
import { INDEX_PAGE, INDEX_PAGE_POLICY } from './index-page.js';
import { addOpenApiRoute } from './openapi-route.js';
import { problemOfError, problemResponse } from './problem.js';
import { addQuestionRoutes } from './question-routes.js';
import { addTurnRoutes } from './turn-routes.js';
import { Waits } from './waits.js';

export interface WebAdapterOptions {
  readonly inbox: Inbox;
  readonly liveEvents: LiveEvents;
  readonly turns: Pick<TurnStore, 'find' | 'unfinished'>;
  readonly memory: Pick<MemoryStore, 'find' | 'clear'>;
  readonly history: HistoryReader;
  readonly router: CommandDependencies['router'];
  readonly commands: CommandDependencies['commands'];
  readonly readiness: HealthDependencies['readiness'];
  readonly clock: Clock;
  readonly log: Log;
  /** Every `/api` call needs it as a bearer token. Without it, only loopback is served. */
  readonly apiKey?: string;
  /** Longest wait for one answer, in ms; 10 minutes where left out. */
  readonly answerLimitMs?: number;
}

export interface WebAdapter {
  /** The whole API without a socket. Aborting the request's signal is the client going away. */
  fetch(request: Request): Promise<Response>;
  /**
   * @param at - port 0 takes a free one
   * @throws {ExpectedFailure} `setup` where the address cannot be had, or must not be without an API key
   */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listening>;
  /** Ends open requests with a sentence and closes the server, within 5 s. May be called twice. */
  stop(): Promise<void>;
}

const ANSWER_LIMIT_MS = 600_000;

/** The HTTP API. Starts nothing until `listen`. */
export function createWebAdapter(options: WebAdapterOptions): WebAdapter {
  const { inbox, clock, log, apiKey } = options;
  const waits = new Waits({
    clock,
    log,
    limitMs: options.answerLimitMs ?? ANSWER_LIMIT_MS,
    stopTurn: (turnId) => inbox.stop(turnId),
  });
  const app = createApp(options, waits);
  const fetch = async (request: Request): Promise<Response> => app.fetch(request);
  let server: HttpServer | null = null;
  return {
    fetch,
    async listen(at) {
      server = openHttpServer({ fetch, log, keyIsSet: apiKey !== undefined });
      return server.listen(at);
    },
    async stop() {
      waits.stop();
      await server?.stop();
    },
  };
}

function createApp(options: WebAdapterOptions, waits: Waits): OpenAPIHono {
  const { apiKey, log } = options;
  const dependencies = { ...options, waits };
  const app = new OpenAPIHono();

  app.use(async (c, next) => {
    const start = options.clock.now();
    await next();
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    // The route's pattern, not the path: a conversation's id opens the conversation.
    const fields = { method: c.req.method, route: routeOf(c), status: c.res.status };
    log.debug({ ...fields, ms: options.clock.now() - start }, 'request');
  });
  app.use(apiKey === undefined ? localOnly() : async (_c, next) => next());
  if (apiKey !== undefined) app.use('/api/*', requireKey(apiKey));

  app.get('/', (c) => {
    c.header('content-security-policy', INDEX_PAGE_POLICY);
    return c.html(INDEX_PAGE);
  });
  addHealthRoutes(app, dependencies);
  addQuestionRoutes(app, dependencies);
  addTurnRoutes(app, dependencies);
  addConversationRoutes(app, dependencies);
  addCommandRoutes(app, dependencies);
  addOpenApiRoute(app);
  refuseOtherMethods(app);

  app.notFound(() =>
    problemResponse({
      status: 404,
      code: 'not-found',
      message: 'There is nothing here; /api/openapi.json lists what there is.',
    }),
  );
  app.onError((error, c) => {
    const problem = problemOfError(error);
    if (problem.status >= 500 && !c.req.raw.signal.aborted) {
      log.error({ method: c.req.method, route: routeOf(c), err: error }, 'request failed');
    }
    return problemResponse(problem);
  });
  return app;
}

/** A known path with another method is 405, not 404. */
function refuseOtherMethods(app: OpenAPIHono): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === 'ALL') continue;
    methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, allowed] of methods) {
    if (allowed.has('GET')) allowed.add('HEAD');
    const allow = [...allowed].sort().join(', ');
    app.all(path, () =>
      problemResponse({
        status: 405,
        code: 'method-not-allowed',
        message: `This address takes ${allow}.`,
        headers: { allow },
      }),
    );
  }
}

function routeOf(c: Context): string {
  return c.req.routePath;
}
