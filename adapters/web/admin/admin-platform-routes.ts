import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { PLATFORM_STATES, type PlatformReport } from '../../../src/ports/fleet/platform-reports.js';
import type { Reports } from '../../../src/ports/fleet/reports.js';
import { addRoute, json } from '../http/add-route.js';

/** A platform that Parley speaks to, and what this process has of it. */
export interface KnownPlatform {
  readonly platform: 'discord' | 'slack';
  /** What to set where there is no token. */
  readonly variables: string;
  /** Whether this process has a token. In a fleet the gateways need one, a web process does not. */
  readonly hasToken: boolean;
}

export interface AdminPlatformDependencies {
  readonly reports: Pick<Reports, 'platforms'>;
  readonly platforms: readonly KnownPlatform[];
}

const Platforms = z
  .object({
    platforms: z.array(
      z.object({
        platform: z.enum(['discord', 'slack']),
        reach: z
          .object({ workspaces: z.int().min(0) })
          .nullable()
          .openapi({ description: 'Guilds or workspaces the bot is in; null until known.' }),
        missing: z.array(z.string()).openapi({
          description: 'Scopes and intents that it lacks, a sentence each, with what to do.',
        }),
        lacks: z.string().nullable().openapi({ description: 'What to do where no process is connected.' }),
        connections: z.array(
          z.object({
            process: z.string(),
            state: z.enum(PLATFORM_STATES),
            detail: z.string().openapi({ description: 'One line: why it failed, or what it cannot do.' }),
          }),
        ),
      }),
    ),
  })
  .openapi('Platforms');

/** How each gateway stands with its platforms. A gateway that died is gone from here after 15 s. */
export function addAdminPlatformRoutes(app: OpenAPIHono, dependencies: AdminPlatformDependencies): void {
  addRoute(
    app,
    {
      method: 'get',
      path: '/api/admin/platforms',
      operationId: 'listPlatforms',
      summary: 'Chat platforms, and how every gateway stands with them',
      responses: { 200: json('Every platform, connected or not.', Platforms) },
    },
    async (c) => {
      const said = [...(await dependencies.reports.platforms.all())];
      const platforms = dependencies.platforms.map((known) => {
        const reports = said
          .flatMap(([process, all]) => all.map((report) => ({ process, ...report })))
          .filter(({ platform }) => platform === known.platform);
        const connections = reports.map(({ process, state, detail }) => ({ process, state, detail }));
        return {
          platform: known.platform,
          reach: reachOf(known.platform, reports),
          missing: [...new Set(reports.flatMap(({ missing }) => missing))],
          lacks: connections.length > 0 ? null : lackOf(known),
          connections,
        };
      });
      return c.json({ platforms });
    },
  );
}

/** Each process speaks for other guilds on Discord, and for the same workspaces on Slack. */
function reachOf(platform: KnownPlatform['platform'], reports: readonly PlatformReport[]) {
  const reached = reports.flatMap(({ reach }) => (reach === null ? [] : [reach]));
  if (reached.length === 0) return null;
  return {
    workspaces: platform === 'slack' ? Math.max(...reached) : reached.reduce((sum, reach) => sum + reach, 0),
  };
}

function lackOf({ variables, hasToken }: KnownPlatform): string {
  return hasToken
    ? 'No gateway is running: start one with "parley gateway".'
    : `Set ${variables} for the gateway, and start it again.`;
}
