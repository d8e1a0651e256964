import type { ApiCall } from './api-server.js';
import type { SlackDouble } from './slack-double.js';

/** Calls about a channel of one of these workspaces that carried another token than that workspace's own. */
export function strayCalls(workspaces: readonly SlackDouble[]): readonly ApiCall[] {
  const owners = new Map(
    workspaces.flatMap(({ workspace, issued }) =>
      [...workspace.channels.keys()].map((channel) => [channel, issued] as const),
    ),
  );
  return (workspaces[0]?.calls ?? []).filter(({ arguments: args, token }) => {
    const issued = owners.get(String(args['channel'] ?? args['channel_id']));
    return issued !== undefined && !issued.has(token);
  });
}
