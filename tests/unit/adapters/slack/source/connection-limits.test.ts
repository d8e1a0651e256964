import { onTestFinished } from 'vitest';
import { sdkLogger } from '../../../../../adapters/slack/client/slack-client.js';
import { HttpEvents } from '../../../../../adapters/slack/source/http-receiver.js';
import { systemClock } from '../../../../../src/process/system-clock.js';
import { describeConnectionLimits } from '../../../../contracts/adapters/connection-limits.js';
import { RecordedLog } from '../../../../doubles/recorders/recorded-log.js';

describeConnectionLimits('/slack/events', async (limits) => {
  const log = new RecordedLog();
  const events = new HttpEvents({
    signingSecret: 'secret',
    port: 0,
    host: '127.0.0.1',
    clock: systemClock,
    log,
    logger: sdkLogger(log),
    limits,
  });
  await events.start();
  onTestFinished(() => events.stop());
  return events.port;
});
