import { describe } from 'vitest';
import { describeClaiming } from './turn-store-claiming.js';
import { describeEnding } from './turn-store-ending.js';
import { describeLookingUp } from './turn-store-looking-up.js';
import { describeRecording } from './turn-store-recording.js';
import { openTurnStoreSetting, type TurnStoreHarness } from './turn-store-setting.js';

/** What every TurnStore does. */
export function describeTurnStore(name: string, open: () => Promise<TurnStoreHarness>): void {
  describe(`a turn store on ${name}`, () => {
    const setting = openTurnStoreSetting(open);
    describeRecording(setting);
    describeClaiming(setting);
    describeEnding(setting);
    describeLookingUp(setting);
  });
}
