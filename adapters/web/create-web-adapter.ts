import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { MINUTE_MS } from '../../src/domain/time/duration.js';
import type { ConversationList } from '../../src/ports/memory/conversation-list.js';
import type { HistoryReader } from '../../src/ports/memory/history-reader.js';
import type { MemoryStore } from '../../src/ports/memory/memory-store.js';
import type { Clock } from '../../src/ports/process/clock.js';
import type { Log } from '../../src/ports/process/log.js';
import type { QueueBoard } from '../../src/ports/queue/queue-board.js';
import type { ApiKeyLookup } from '../../src/ports/settings/api-keys.js';
import type { SettingsStore } from '../../src/ports/settings/settings-store.js';
import type { Inbox } from '../../src/ports/turns/inbox.js';
import type { TurnEvents } from '../../src/ports/turns/live-events.js';
import type { PlatformLookup } from '../../src/ports/turns/platform-lookup.js';
import type { TurnActions } from '../../src/ports/turns/turn-actions.js';
import type { TurnLookup } from '../../src/ports/turns/turn-lookup.js';
import { localOnly } from './access/access.js';
import { adminOnly, identifyCaller } from './access/identify-caller.js';
import { KeyGuesses } from './access/key-guesses.js';
import { addSessionRoutes } from './access/session-routes.js';
import { sessionStatements } from './access/session-statement.js';
import { type Administration, addAdminRoutes } from './admin/add-admin-routes.js';
import { addCommandRoutes, type CommandDependencies } from './conversations/command-routes.js';
import { addConversationListRoutes } from './conversations/conversation-list-routes.js';
import { addConversationRoutes } from './conversations/conversation-routes.js';
import { addConversationSettingsRoutes } from './conversations/conversation-settings-routes.js';
import { addExportRoute } from './conversations/export-route.js';
import { addOptionRoutes, type Choices, type OptionDependencies } from './conversations/option-routes.js';
import { addQuestionRoutes } from './conversations/question-routes.js';
import { addTurnRoutes } from './conversations/turn-routes.js';
import { Waits } from './conversations/waits.js';
import { type Problem, problemOfError, problemResponse } from './http/problem.js';
import { addNumbersRoutes, type NumbersDependencies } from './numbers/numbers-routes.js';
import { addChatRoutes } from './openai/chat-routes.js';
import { addModelRoutes } from './openai/model-routes.js';
import { openAiResponse } from './openai/openai-problem.js';
import { addHealthRoutes, type HealthDependencies } from './server/health-routes.js';
import { type HttpServer, type Listening, openHttpServer } from './server/http-server.js';
import { addMetricsRoute, type MetricsDependencies } from './server/metrics-route.js';
import { addOpenApiRoute } from './server/openapi-route.js';
import { addPageRoutes, isLasting } from './server/page-routes.js';
import { addQueueRoutes } from './server/queue-routes.js';

export interface WebAdapterOptions {
  readonly inbox: Pick<Inbox, 'accept' | 'command'>;
  readonly lookup: Pick<PlatformLookup, 'settings'>;
  readonly actions: Pick<TurnActions, 'stop' | 'regenerate' | 'vote'>;
  readonly liveEvents: TurnEvents;
  readonly turns: Pick<TurnLookup, 'find' | 'unfinished'>;
  readonly memory: Pick<MemoryStore, 'find' | 'clear' | 'clearGiven'>;
  readonly history: HistoryReader;
  readonly conversations: ConversationList;
  readonly router: OptionDependencies['router'];
  readonly modelsNow?: NonNullable<OptionDependencies['modelsNow']>;
  readonly choices: Choices;
  readonly settings: Pick<SettingsStore, 'read' | 'change' | 'clear'>;
  readonly commands: CommandDependencies['commands'];
  readonly numbers: NumbersDependencies['numbers'];
  readonly prices: NumbersDependencies['prices'];
  readonly readiness: HealthDependencies['readiness'];
  /** Without it there is no /metrics. */
  readonly metrics?: MetricsDependencies['metrics'];
  /** Shown to who has the key: without one, not at all. */
  readonly queueBoard?: QueueBoard;
  /** What only an administrator reaches. Without it there is no /api/admin. */
  readonly administration?: Administration;
  readonly clock: Clock;
  readonly log: Log;
  /** Every `/api` call needs it as a bearer token. Without it, only loopback is served. */
  readonly apiKey?: string;
  /** Keys that programs show. Without it there is none but `apiKey`. */
  readonly apiKeys?: ApiKeyLookup;
  /** Longest wait for one answer, in ms; 10 minutes where left out. */
  readonly answerLimitMs?: number;
}

export interface WebAdapter {
  /** The whole API without a socket. Aborting the request's signal is the client going away. */
  fetch(request: Request, connection?: object): Promise<Response>;
  /**
   * @param at - port 0 takes a free one
   * @throws {ExpectedFailure} `setup` where the address cannot be had, or must not be without an API key
   */
  listen(at: { readonly host: string; readonly port: number }): Promise<Listening>;
  /** Ends open requests with a sentence and closes the server, within 5 s. May be called twice. */
  stop(): Promise<void>;
}

const ANSWER_LIMIT_MS = 10 * MINUTE_MS;

/** The HTTP API. Starts nothing until `listen`. */
export function createWebAdapter(options: WebAdapterOptions): WebAdapter {
  const { actions, clock, log, apiKey } = options;
  const waits = new Waits({
    clock,
    log,
    limitMs: options.answerLimitMs ?? ANSWER_LIMIT_MS,
    stopTurn: (turnId) => actions.stop(turnId),
  });
  const app = createApp(options, waits);
  const fetch = async (request: Request, connection: object = {}): Promise<Response> =>
    app.fetch(request, connection);
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
  const sessions = apiKey === undefined ? null : sessionStatements(apiKey);
  const dependencies = { ...options, waits, sessions, guesses: new KeyGuesses(options.clock) };
  const app = new OpenAPIHono();

  app.use(async (c, next) => {
    const start = options.clock.now();
    await next();
    if (!isLasting(c.res)) c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
    c.header('referrer-policy', 'no-referrer');
    // The route's pattern, not the path: a conversation's id opens the conversation.
    const fields = { method: c.req.method, route: routeOf(c), status: c.res.status };
    log.debug({ ...fields, ms: options.clock.now() - start }, 'request');
  });
  app.use(apiKey === undefined ? localOnly() : async (_c, next) => next());
  app.use('/api/*', identifyCaller(dependencies));
  app.use('/api/admin/*', adminOnly());
  app.use('/v1/*', identifyCaller(dependencies));

  addPageRoutes(app);
  addHealthRoutes(app, dependencies);
  if (options.metrics) addMetricsRoute(app, { ...dependencies, metrics: options.metrics });
  if (options.queueBoard && apiKey !== undefined) {
    addQueueRoutes(app, options.queueBoard, { ...dependencies, apiKey });
  }
  addSessionRoutes(app, dependencies);
  addQuestionRoutes(app, dependencies);
  addTurnRoutes(app, dependencies);
  addConversationRoutes(app, dependencies);
  addConversationListRoutes(app, dependencies);
  addExportRoute(app, dependencies);
  addConversationSettingsRoutes(app, dependencies);
  addOptionRoutes(app, dependencies);
  addCommandRoutes(app, dependencies);
  addNumbersRoutes(app, dependencies);
  if (options.administration) addAdminRoutes(app, options.administration);
  addChatRoutes(app, dependencies);
  addModelRoutes(app, dependencies);
  addOpenApiRoute(app);
  refuseOtherMethods(app);

  app.notFound((c) =>
    responseAt(c, {
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
    return responseAt(c, problem);
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
    app.all(path, (c) =>
      responseAt(c, {
        status: 405,
        code: 'method-not-allowed',
        message: `This address takes ${allow}.`,
        headers: { allow },
      }),
    );
  }
}

/** Clients of the OpenAI API know its errors alone. */
function responseAt(c: Context, problem: Problem): Response {
  return /^\/v1(?:\/|$)/.test(c.req.path) ? openAiResponse(problem) : problemResponse(problem);
}

function routeOf(c: Context): string {
  return c.req.routePath;
}
