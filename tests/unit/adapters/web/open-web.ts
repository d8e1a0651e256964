import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'vitest';
import { createWebAdapter, type WebAdapterOptions } from '../../../../adapters/web/create-web-adapter.js';
import { AnswerEvent } from '../../../../adapters/web/http/response-schemas.js';
import { COMMANDS } from '../../../../src/pipeline/commands/definitions.js';
import { FakeClock } from '../../../doubles/clocks/fake-clock.js';
import { RecordedLog } from '../../../doubles/recorders/recorded-log.js';
import { ScriptedBot } from './scripted-bot.js';

/** Made once: the document is the same for every server. */
let conforms: ReturnType<typeof conformance> | undefined;

const NOTHING = { firstTokenMs: null, firstTextMs: null, conversationTurns: null };
const noNumbers: WebAdapterOptions['numbers'] = {
  read: async () => ({
    rolledUpTo: null,
    users: 0,
    conversations: 0,
    conversationLength: null,
    days: [],
    platforms: [],
    models: [],
    outcomes: [],
    feedback: [],
    spreads: NOTHING,
    choices: { platforms: [], models: [] },
    people: null,
  }),
};

/** A server on a free port of 127.0.0.1, and a client that checks every JSON it gets against the OpenAPI document. */
export async function openWeb(options: Partial<WebAdapterOptions> = {}) {
  const bot = new ScriptedBot();
  const clock = new FakeClock();
  const log = new RecordedLog();
  const web = createWebAdapter({
    inbox: bot.inbox,
    lookup: bot.lookup,
    actions: bot.actions,
    liveEvents: bot.liveEvents,
    turns: bot.turnStore,
    memory: bot.memory,
    history: bot.historyReader,
    conversations: bot.conversationList,
    router: { models: () => bot.models },
    choices: {
      personas: [
        { name: 'assistant', description: 'A helpful one' },
        { name: 'pirate', description: 'pirate' },
      ],
      defaults: { persona: 'assistant', language: 'auto' },
    },
    settings: {
      read: async (keys) => keys.map(() => ({})),
      change: async () => ({}),
      clear: async (key) => void bot.unset.push(key),
    },
    numbers: noNumbers,
    prices: { currency: 'USD', byModel: new Map() },
    commands: COMMANDS,
    readiness: async () => [],
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'parley_queue_depth 0\n' }),
    clock,
    log,
    ...options,
  });
  const { url, port } = await web.listen({ host: '127.0.0.1', port: 0 });
  const authorization: Record<string, string> =
    options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` };
  const described = await web.fetch(
    new Request('http://localhost/api/openapi.json', { headers: authorization }),
  );
  conforms ??= conformance((await described.json()) as OpenApi);
  const checked = conforms;

  async function send(method: string, path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { ...authorization, ...(init.headers as Record<string, string>) };
    const response = await fetch(url + path, { ...init, method, headers });
    if (response.headers.get('content-type')?.startsWith('application/json')) {
      checked(method, path, response.status, await response.clone().json());
    }
    return response;
  }

  return {
    bot,
    clock,
    log,
    web,
    url,
    port,
    send,
    post: (path: string, body: unknown, init: RequestInit = {}) =>
      send('POST', path, {
        ...init,
        headers: { 'content-type': 'application/json', ...(init.headers as Record<string, string>) },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    close: () => web.stop(),
  };
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { responses: Record<string, unknown> }>>>>;
}

function conformance(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true, formats: { 'date-time': true } });
  ajv.addSchema({ ...document, $id: 'openapi' });
  const validators = new Map<string, ValidateFunction>();
  return (method: string, path: string, status: number, body: unknown): void => {
    const pathname = path.split('?')[0] ?? '';
    const template = Object.keys(document.paths).find((candidate) =>
      new RegExp(`^${candidate.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    );
    const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
    if (template === undefined || !operation) return; // 404 and 405 belong to no operation
    expect(Object.keys(operation.responses), `${method} ${template}`).toContain(String(status));
    const steps = ['paths', template, method.toLowerCase(), 'responses', String(status), 'content'];
    const pointer = [...steps, 'application/json', 'schema']
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const validate = validators.get(pointer) ?? ajv.compile({ $ref: `openapi#/${pointer}` });
    validators.set(pointer, validate);
    expect(validate(body), `${method} ${template} ${status}: ${ajv.errorsText(validate.errors)}`).toBe(true);
  };
}

export interface ServerEvent {
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** Reads the events of an answer one by one, and checks each; comments come as `comment`. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent, void> {
  if (!response.body) throw new Error('no body');
  let text = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.startsWith(':')) {
        yield { event: 'comment', data: {} };
        continue;
      }
      const [, event = '', data = ''] = /^event: (\S+)\ndata: (.*)$/s.exec(block) ?? [];
      const sent = { event, data: JSON.parse(data) as Record<string, unknown> };
      AnswerEvent.parse(sent); // as the OpenAPI document has it
      yield sent;
    }
  }
}

/** The text a client has that appends deltas and honours `reset`. */
export function assemble(events: readonly ServerEvent[]): string {
  let text = '';
  for (const { event, data } of events) {
    if (event === 'reset') text = '';
    if (event === 'delta') text += String(data['text']);
  }
  return text;
}

/** All events that are still to come. */
export async function collect(source: Response | AsyncIterable<ServerEvent>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of source instanceof Response ? readEvents(source) : source) events.push(event);
  return events;
}
