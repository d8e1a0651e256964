import type { DiscordDouble } from '../../doubles/discord/discord-double.js';
import type { SlackDouble } from '../../doubles/slack/slack-double.js';
import type { Fault } from './fault.js';

/** What happens to the sockets over which platforms tell of events. */
export function socketFaults({ gateway }: DiscordDouble, { socket }: SlackDouble): Fault[] {
  const faults: Omit<Fault, 'halts'>[] = [
    { name: 'Discord socket cut', weight: 1.5, strike: () => gateway.dropConnection() },
    { name: 'Discord asks to reconnect', weight: 0.5, strike: () => gateway.askToReconnect() },
    {
      name: 'Discord session ended',
      weight: 0.5,
      strike: () => gateway.invalidateSession(false),
    },
    {
      name: 'Discord refuses connections',
      weight: 0.3,
      strike(random) {
        gateway.refusals = random.between(1, 3);
        gateway.dropConnection();
      },
    },
    { name: 'Slack socket cut', weight: 0.7, strike: () => socket.cut() },
    { name: 'Slack recycles sockets', weight: 0.5, strike: () => socket.askToReconnect('refresh_requested') },
  ];
  // Answers go out over REST.
  return faults.map((fault) => ({ ...fault, halts: false }));
}
