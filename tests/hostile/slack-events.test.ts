import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import {
  ButtonPress,
  fileNotes,
  readMessageEvent,
  SessionStopped,
  TypedCommand,
} from '../../adapters/slack/source/slack-events.js';
import { readOrigin, readUninstalled } from '../../adapters/slack/source/slack-origin.js';
import { signatureHeaders } from '../doubles/slack/event-delivery.js';
import { connectSlack, type SlackSetup } from '../unit/adapters/slack/slack-setup.js';
import { holdsFor } from './holds-for.js';
import { damaged, hostileText, type Json } from './inputs.js';

const SELF = 'U0BOT';
const ts = fc.constantFrom('1700000000.000100', '1700000001.000200');
const said = hostileText(8).map((text): Json => text);
const message = fc.record({
  type: fc.constantFrom('message', 'app_mention'),
  ts,
  user: fc.constantFrom('U1', 'U2'),
  text: said,
  channel: fc.constantFrom('C1', 'D1'),
  channel_type: fc.constantFrom('channel', 'im'),
  event_ts: ts,
  files: fc.array(fc.record({ name: said, mimetype: fc.constant('text/plain') }), { maxLength: 2 }),
});
const change = fc.record({
  type: fc.constant('message'),
  subtype: fc.constantFrom('message_changed', 'message_deleted'),
  ts,
  channel: fc.constant('C1'),
  deleted_ts: ts,
  message: fc.record({ ts, user: fc.constant('U1'), text: said }),
  previous_message: fc.record({ ts, user: fc.constant('U1'), text: said }),
});
const session = fc.record({
  type: fc.constant('agent_session_stopped'),
  channel: fc.constant('C1'),
  user: fc.constant('U1'),
  thread_ts: ts,
  streaming_message_ts: fc.array(ts, { maxLength: 3 }),
});
const envelope = fc.record({
  token: fc.constant('legacy'),
  team_id: fc.constant('T1'),
  api_app_id: fc.constant('A1'),
  type: fc.constant('event_callback'),
  event_id: fc.constant('Ev1'),
  event_time: fc.constant(1_700_000_000),
  event: fc.oneof(message, change, session),
  authorizations: fc.constant<Json>([{ enterprise_id: null, team_id: 'T1', user_id: SELF, is_bot: true }]),
});
const press = fc.record({
  type: fc.constant('block_actions'),
  user: fc.constant<Json>({ id: 'U1' }),
  api_app_id: fc.constant('A1'),
  container: fc.constant<Json>({ type: 'message', message_ts: '1700000000.000100', channel_id: 'C1' }),
  trigger_id: fc.constant('t1'),
  team: fc.constant<Json>({ id: 'T1' }),
  channel: fc.constant<Json>({ id: 'C1' }),
  actions: fc.constant<Json>([
    { type: 'button', action_id: 'parley_stop', block_id: 'parley/7/0/0', value: '7' },
  ]),
});
const command = fc.record({
  team_id: fc.constant('T1'),
  channel_id: fc.constant('C1'),
  user_id: fc.constant('U1'),
  command: fc.constant('/parley'),
  text: said,
  api_app_id: fc.constant('A1'),
  trigger_id: fc.constant('t1'),
});

describe('a payload of Slack', () => {
  holdsFor('is understood or means nothing', damaged(fc.oneof(envelope, press, command)), (payload) => {
    const event =
      typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload['event'] : null;
    for (const value of [event, payload]) {
      const happening = readMessageEvent(value, SELF);
      if (happening.type === 'sent') expect(fileNotes(happening.message.files)).toBeTypeOf('string');
    }
    const origin = readOrigin(payload);
    if (origin) expect(origin.team).not.toBe('');
    expect(readUninstalled('tokens_revoked', payload).at.getTime()).not.toBeNaN();
    for (const schema of [ButtonPress, TypedCommand, SessionStopped]) schema.safeParse(payload);
  });
});

let http: SlackSetup;
let socket: SlackSetup;
beforeAll(async () => {
  const double = { rates: false };
  [http, socket] = await Promise.all([connectSlack('http', { double }), connectSlack('socket', { double })]);
});
afterAll(() => Promise.all([http.stop(), socket.stop()]));

const JSON_TYPE = 'application/json';
const FORM = 'application/x-www-form-urlencoded';
const request = fc.record({
  body: fc.oneof(
    { weight: 3, arbitrary: damaged(envelope).map((value) => JSON.stringify(value)) },
    damaged(press).map((value) => new URLSearchParams({ payload: JSON.stringify(value) }).toString()),
    damaged(command).map((value) =>
      typeof value === 'object' && value !== null
        ? new URLSearchParams(
            Object.entries(value).map(([key, item]): [string, string] => [key, String(item)]),
          ).toString()
        : String(value),
    ),
    fc.constantFrom(
      '',
      'null',
      '[]',
      '{',
      '"',
      'payload=',
      'payload=%7B',
      'ssl_check=1',
      '{"type":"url_verification"}',
    ),
    hostileText(6),
  ),
  type: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(JSON_TYPE, FORM) },
    fc.constantFrom('text/plain', 'multipart/form-data; boundary=x', ''),
  ),
  signed: fc.constantFrom(
    'rightly',
    'rightly',
    'with-another-key',
    'long-ago',
    'other-body',
    'not',
    'nonsense',
  ),
  path: fc.oneof(
    { weight: 9, arbitrary: fc.constant('/slack/events') },
    fc.constantFrom('/', '/slack', '/slack/events/../x', '//', '/slack/oauth_redirect?code=x'),
  ),
  method: fc.oneof(
    { weight: 9, arbitrary: fc.constant('POST') },
    fc.constantFrom('GET', 'PUT', 'DELETE', 'OPTIONS'),
  ),
});
type Sent = Parameters<Parameters<(typeof request)['map']>[0]>[0];

const NONSENSE = { 'x-slack-request-timestamp': 'NaN', 'x-slack-signature': `v0=${'0'.repeat(5_000)}` };

function headersFor(signed: string, body: string, secret: string): Record<string, string> {
  const now = Math.floor(Date.now() / 1000);
  switch (signed) {
    case 'rightly':
      return signatureHeaders(secret, body);
    case 'with-another-key':
      return signatureHeaders(`${secret}x`, body);
    case 'long-ago':
      return signatureHeaders(secret, body, now - 3_600);
    case 'other-body':
      return signatureHeaders(secret, `${body} `);
    default:
      return signed === 'not' ? {} : NONSENSE;
  }
}

/** Sent at once: what nobody listens to is answered after some seconds. */
const AT_ONCE = 20;

describe('requests to the port that takes Slack’s events', () => {
  const requests = fc.array(request, { minLength: AT_ONCE, maxLength: AT_ONCE });
  const known = () => {
    const { accepts, commands, edits, deletions } = http.inbox;
    return JSON.stringify([accepts, commands.length, edits.length, deletions.length]);
  };
  const send = async ({ body, type, signed, path, method }: Sent) => {
    const { slack, adapter, log } = http;
    const well = body.toWellFormed();
    const response = await fetch(`http://127.0.0.1:${adapter.status().port}${path}`, {
      method,
      headers: {
        ...headersFor(signed, well, slack.signingSecret),
        ...(type === '' ? {} : { 'content-type': type }),
      },
      ...(method === 'GET' ? {} : { body: well }),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = await response.text();
    expect(answer.length).toBeLessThan(20_000);
    for (const secret of [slack.signingSecret, slack.botToken])
      expect(answer + log.everything).not.toContain(secret);
    return response.status;
  };

  holdsFor(
    'are answered in time, and told no secret',
    requests,
    async (sent) => {
      for (const status of await Promise.all(sent.map(send)))
        expect([200, 400, 401, 404, 500]).toContain(status);
      http.log.lines.length = 0;
    },
    { share: 0.1, each: AT_ONCE },
  );

  const unsigned = fc.array(
    request.filter(({ signed, body }) => signed !== 'rightly' && !body.includes('ssl_check')),
    { minLength: AT_ONCE, maxLength: AT_ONCE },
  );
  holdsFor(
    'do nothing unless Slack signed them just now',
    unsigned,
    async (sent) => {
      const before = known();
      for (const status of await Promise.all(sent.map(send))) expect([400, 401, 404]).toContain(status);
      expect(known()).toBe(before);
      http.log.lines.length = 0;
    },
    { share: 0.5, each: AT_ONCE },
  );
});

const EACH = 10;
const frame = fc.oneof(
  {
    weight: 5,
    arbitrary: damaged(
      fc.record({
        envelope_id: fc.uuid(),
        type: fc.constantFrom('events_api', 'slash_commands', 'interactive'),
        accepts_response_payload: fc.boolean(),
        retry_attempt: fc.nat(3),
        payload: fc.oneof(envelope, press, command),
      }),
    ).map((value) => JSON.stringify(value)),
  },
  hostileText(4),
  fc.constantFrom('', 'null', '[]', '{}', '{"type":"hello"}', '{"envelope_id":{}}', '['.repeat(50_000)),
);

describe('a frame of Socket Mode', () => {
  const frames = fc.array(frame, { minLength: EACH, maxLength: EACH });
  let asked = 0;
  holdsFor(
    'leaves the connection able to take the next message',
    frames,
    async (burst) => {
      const { slack, inbox, log } = socket;
      const opened = slack.socket.opened;
      for (const text of burst) slack.socket.sendRaw(text.toWellFormed());
      asked += 1;
      const question = `still there? ${asked}`;
      slack.dm(slack.person('Ada'), question);
      await slack.waitFor(() => inbox.messages.some(({ text }) => text === question));
      expect(slack.socket.opened, 'connections that had to be opened anew').toBe(opened);
      expect(log.everything).not.toContain(slack.appToken);
      log.lines.length = 0;
    },
    { share: 0.5, each: EACH },
  );
});
