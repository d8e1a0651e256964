import { z } from 'zod';
import type { OneSlackWorkspace } from '../../config/parley-config.js';
import { askApi, readBody } from './ask-api.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** Without these the bot does not answer; without the others it answers in fewer places, or says less. */
const NEEDED = ['app_mentions:read', 'chat:write', 'im:history', 'commands'];
const USEFUL: Readonly<Record<string, string>> = {
  'channels:history': 'follow threads in public channels',
  'groups:history': 'follow threads in private channels',
  'mpim:history': 'answer in group messages',
  'users:read': 'tell people apart by name',
  'assistant:write': 'show that it is thinking',
};

const TEST = z.object({
  ok: z.boolean(),
  error: z.string().optional(),
  team: z.string().optional(),
  user: z.string().optional(),
});
const CONNECTION = z.object({ ok: z.boolean(), error: z.string().optional() });

const APPS = 'https://api.slack.com/apps';

/** The bot token and its scopes, and the app-level token where events come over Socket Mode. */
export function slackCheck({ botToken, apiUrl, receiver }: OneSlackWorkspace): Check {
  return {
    name: 'Slack',
    async run(signal) {
      const post = (method: string, token: string) =>
        askApi(`${apiUrl}/${method}`, {
          authorization: `Bearer ${token}`,
          body: new URLSearchParams(),
          signal,
        });
      const answer = await post('auth.test', botToken);
      if (answer.type === 'unreachable')
        return [
          fail(
            `${apiUrl} cannot be reached (${answer.reason})`,
            'Let this machine reach it, or mend SLACK_API_URL.',
          ),
        ];
      const test = readBody(answer, TEST);
      if (test === null)
        return [
          fail(`${apiUrl} answers ${answer.status} in place of Slack`, 'See whether SLACK_API_URL is right.'),
        ];
      if (!test.ok)
        return [
          fail(
            `the bot token is refused (${test.error ?? 'no reason given'})`,
            `Copy it anew from ${APPS} → OAuth & Permissions to SLACK_BOT_TOKEN.`,
          ),
        ];
      const findings = [
        ok(`signed in as ${test.user ?? 'the bot'} of ${test.team ?? 'the workspace'}`),
        ...judgeScopes(answer.headers.get('x-oauth-scopes')),
      ];
      if (receiver.mode === 'http')
        return [...findings, ok(`events are taken on port ${receiver.port}, path /slack/events`)];
      return [
        ...findings,
        judgeConnection(readBody(await post('apps.connections.open', receiver.appToken), CONNECTION)),
      ];
    },
  };
}

/** @param header - what Slack says the token may do; null: it does not say */
export function judgeScopes(header: string | null): readonly Finding[] {
  if (header === null) return [];
  const has = new Set(header.split(',').map((scope) => scope.trim()));
  const findings: Finding[] = [];
  const mend = `Add it at ${APPS} → OAuth & Permissions → Scopes, and install the app again.`;
  const needed = NEEDED.filter((scope) => !has.has(scope));
  if (needed.length > 0) findings.push(fail(`the bot token lacks ${needed.join(', ')}`, mend));
  const useful = Object.entries(USEFUL).filter(([scope]) => !has.has(scope));
  for (const [scope, purpose] of useful) findings.push(warn(`without ${scope} it cannot ${purpose}`, mend));
  return findings;
}

function judgeConnection(answer: z.output<typeof CONNECTION> | null): Finding {
  const mend = `Make a token with connections:write at ${APPS} → Basic Information → App-Level Tokens, turn Socket Mode on, and set SLACK_APP_TOKEN.`;
  if (answer === null) return fail('the app token could not be tried', mend);
  return answer.ok
    ? ok('the app token opens Socket Mode')
    : fail(`the app token is refused (${answer.error ?? ''})`, mend);
}
