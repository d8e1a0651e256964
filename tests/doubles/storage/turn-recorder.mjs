// A process that records turns in the data folder of its first argument, and says each one's id once it is
// acknowledged, until it is killed. Plain Node runs it, on the compiled code.

import { systemClock } from '../../../build/src/process/system-clock.js';
import { openDatabase } from '../../../build/src/storage/open-database.js';
import { PrismaTurnRecorder } from '../../../build/src/storage/turns/turn-recorder.js';

const [dataDir] = process.argv.slice(2);
const log = { debug() {}, info() {}, warn() {}, error() {} };
const database = await openDatabase({ dataDir, clock: systemClock, log });
const turns = new PrismaTurnRecorder(database.prisma, new Map(), () => {});
process.stdout.write('open\n');
for (let n = 0; ; n++) {
  const message = {
    key: `${process.pid}-${n}`,
    address: { platform: 'web', app: 'parley', workspace: '-', channel: `c${n % 3}`, kind: 'direct' },
    author: { key: 'web/a', id: 'a', name: 'A' },
    text: `text ${n}`,
    target: { platform: 'web' },
  };
  const { turnId } = await turns.record(message, 'channel');
  process.stdout.write(`${turnId} ${message.key}\n`);
}
