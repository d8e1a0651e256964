import { createSlackDelivery } from '../../../../../adapters/slack/delivery/slack-delivery.js';
import type { DeliveryTarget } from '../../../../../src/domain/turn.js';
import { memoryEditBudget } from '../../../../../src/exchange/memory-edit-slots.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { describeDelivery } from '../../../../contracts/delivery/delivery.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';
import { SlackDouble, type SlackDoubleOptions } from '../../../../doubles/slack/slack-double.js';

async function open(options: SlackDoubleOptions, lost: string) {
  const slack = await SlackDouble.start(options);
  const ada = slack.person('Ada');
  const general = slack.channel('general', [ada]);
  const question = slack.mention(ada, general, 'Tell me');
  const target: DeliveryTarget = {
    platform: 'slack',
    app: slack.workspace.appId,
    team: slack.workspace.teamId,
    channel: general.id,
    thread: question.ts,
    user: ada.id,
    message: question.ts,
  };
  const delivery = createSlackDelivery({
    botToken: slack.botToken,
    apiUrl: slack.apiUrl,
    log: new RecordedLog(),
    clock: systemClock,
    budget: memoryEditBudget(systemClock),
    stopTurn: async () => {},
  });
  return {
    delivery,
    target,
    shown: () => slack.shown(general),
    loseNextPost: () => slack.fail(lost, { type: 'lose-answer' }),
    deleteAll: () => {
      for (const message of slack.botMessages(general)) slack.deleteMessage(message);
    },
    pings: () => slack.workspace.pings.length,
    close: () => slack.stop(),
  };
}

describeDelivery('Slack with native streaming', () => open({}, 'chat.postMessage'));
describeDelivery('Slack without native streaming', () =>
  open({ native: false, agents: false, assistant: false }, 'chat.postMessage'),
);
