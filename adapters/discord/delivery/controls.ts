import {
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
  type APIComponentInMessageActionRow,
  ButtonStyle,
  ComponentType,
} from 'discord.js';
import type { Language } from '../../../src/domain/settings.js';
import type { TurnId } from '../../../src/domain/turn.js';
import type { PartDraft } from '../../../src/ports/delivery/delivery.js';

/** What the buttons under a reply do. */
type ControlAction = 'stop' | 'again' | 'up' | 'down';

export interface Control {
  readonly action: ControlAction;
  readonly turnId: TurnId;
}

const CUSTOM_ID = /^parley:(stop|again|up|down):([1-9]\d{0,15})$/;

export function customId({ action, turnId }: Control): string {
  return `parley:${action}:${turnId}`;
}

/** @returns null for anything but a control of ours: buttons of another version, or a forged id */
export function readCustomId(text: string): Control | null {
  const found = CUSTOM_ID.exec(text);
  const turnId = Number(found?.[2]);
  if (!found || !Number.isSafeInteger(turnId)) return null;
  return { action: found[1] as ControlAction, turnId };
}

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** The buttons under a part; none clears those it had. */
export function controlRows(part: Pick<PartDraft, 'controls' | 'turnId'>, language: Language): Row[] {
  const { turnId } = part;
  if (part.controls === 'none') return [];
  const buttons =
    part.controls === 'stop'
      ? [button({ action: 'stop', turnId }, '⏹️', language === 'zh' ? '停止' : 'Stop')]
      : [
          button({ action: 'up', turnId }, '👍'),
          button({ action: 'down', turnId }, '👎'),
          button({ action: 'again', turnId }, '🔄', language === 'zh' ? '重新回答' : 'Regenerate'),
        ];
  return [{ type: ComponentType.ActionRow, components: buttons }];
}

function button(control: Control, emoji: string, label?: string): APIButtonComponentWithCustomId {
  return {
    type: ComponentType.Button,
    style: ButtonStyle.Secondary,
    custom_id: customId(control),
    emoji: { name: emoji },
    ...(label === undefined ? {} : { label }),
  };
}
