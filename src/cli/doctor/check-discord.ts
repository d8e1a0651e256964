import { z } from 'zod';
import { askApi, readBody } from './ask-api.js';
import { type Check, type Finding, fail, ok, warn } from './finding.js';

/** Application flags: the message-content intent, granted to a verified bot or to one in under 100 servers. */
const MESSAGE_CONTENT = (1 << 18) | (1 << 19);
/** View channels, send messages, send in threads, embed links, read history: what README asks for. */
const PERMISSIONS = '274877991936';

const USER = z.object({ id: z.string(), username: z.string(), bot: z.boolean().optional() });
const APPLICATION = z.object({ id: z.string(), flags: z.number().optional() });
const GUILDS = z.array(z.object({ id: z.string() }));
const GATEWAY = z.object({ session_start_limit: z.object({ remaining: z.number(), total: z.number() }) });

const PORTAL = 'https://discord.com/developers/applications';

/** The Discord token, the message-content intent, the servers the bot is in, and the starts it has left today. */
export function discordCheck({ token, apiUrl }: { readonly token: string; readonly apiUrl: string }): Check {
  return {
    name: 'Discord',
    async run(signal) {
      const get = (path: string) => askApi(`${apiUrl}/v10${path}`, { authorization: `Bot ${token}`, signal });
      const me = await get('/users/@me');
      if (me.type === 'unreachable')
        return [
          fail(
            `${apiUrl} cannot be reached (${me.reason})`,
            'Let this machine reach it, or mend DISCORD_API_URL.',
          ),
        ];
      if (me.status === 401)
        return [
          fail('the token is refused', `Copy a new one from ${PORTAL} → Bot → Reset Token to DISCORD_TOKEN.`),
        ];
      const user = readBody(me, USER);
      if (me.status !== 200 || user === null)
        return [
          fail(`${apiUrl} answers ${me.status} in place of the bot`, 'See whether DISCORD_API_URL is right.'),
        ];

      const [application, guilds, gateway] = await Promise.all([
        get('/applications/@me').then((answer) => readBody(answer, APPLICATION)),
        get('/users/@me/guilds?limit=1').then((answer) => readBody(answer, GUILDS)),
        get('/gateway/bot').then((answer) => readBody(answer, GATEWAY)),
      ]);
      const findings: Finding[] = [ok(`signed in as ${user.username}`)];
      if (application !== null && ((application.flags ?? 0) & MESSAGE_CONTENT) === 0)
        findings.push(
          warn(
            'it lacks the message-content intent: it sees mentions, direct messages and commands alone',
            `Turn it on at ${PORTAL}/${application.id}/bot → Message Content Intent.`,
          ),
        );
      if (application !== null && guilds?.length === 0)
        findings.push(warn('it is in no server yet', `Invite it: ${inviteUrl(application.id)}`));
      const starts = gateway?.session_start_limit;
      if (starts !== undefined && starts.remaining < 20)
        findings.push(
          warn(
            `it may connect ${starts.remaining} more times today, of ${starts.total}`,
            'Find out what starts it over and over.',
          ),
        );
      return findings;
    },
  };
}

function inviteUrl(applicationId: string): string {
  const query = new URLSearchParams({
    client_id: applicationId,
    scope: 'bot applications.commands',
    permissions: PERMISSIONS,
  });
  return `https://discord.com/oauth2/authorize?${query}`;
}
