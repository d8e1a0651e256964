import { describeDelivery } from '../../../../contracts/delivery/delivery.js';
import type { DiscordDouble } from '../../../../doubles/discord/discord-double.js';
import { deferredTarget, messageTarget, openBench } from './delivery-fixture.js';

function shown(double: DiscordDouble): string[] {
  return double
    .replies()
    .filter(({ loading }) => !loading)
    .map(({ content }) => content.replace(/\n-# .*$/, ''));
}

function deleteAll(double: DiscordDouble): void {
  for (const message of double.replies()) message.deleted = true;
}

describeDelivery('Discord, answering a message,', async () => {
  const { double, delivery, close } = await openBench();
  return {
    delivery,
    target: messageTarget(double),
    shown: () => shown(double),
    loseNextPost: () =>
      double.fail({
        on: 'POST /channels/{channel_id}/messages',
        action: { type: 'drop-socket', applied: true },
      }),
    deleteAll: () => deleteAll(double),
    pings: () => double.pings.length,
    close,
  };
});

describeDelivery('Discord, answering an interaction,', async () => {
  const { double, delivery, close } = await openBench();
  const { target } = await deferredTarget(double);
  return {
    delivery,
    target,
    shown: () => shown(double),
    loseNextPost: () =>
      double.fail({
        on: 'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original',
        action: { type: 'drop-socket', applied: true },
      }),
    deleteAll: () => deleteAll(double),
    pings: () => double.pings.length,
    close,
  };
});
