import { describe } from 'vitest';
import { describeClaiming } from './claiming.js';
import { describeEnding } from './ending.js';
import { describeLookingUp } from './looking-up.js';
import { describeRecording } from './recording.js';
import { openTurnsSetting, type TurnsHarness } from './turns-setting.js';

/** What every storage of turns does. */
export function describeTurns(name: string, open: () => Promise<TurnsHarness>): void {
  describe(`turns on ${name}`, () => {
    const setting = openTurnsSetting(open);
    describeRecording(setting);
    describeClaiming(setting);
    describeEnding(setting);
    describeLookingUp(setting);
  });
}
