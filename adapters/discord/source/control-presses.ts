import type { APIMessageComponentInteraction } from 'discord.js';
import type { Author } from '../../../src/domain/address.js';
import type { Language } from '../../../src/domain/settings.js';
import type { Log } from '../../../src/ports/process/log.js';
import type { TurnActions } from '../../../src/ports/turns/turn-actions.js';
import type { TurnView } from '../../../src/ports/turns/turn-lookup.js';
import { type Control, readCustomId } from '../delivery/controls.js';
import { sentencesIn } from '../delivery/sentences.js';
import type { InteractionAnswers } from './interaction-answers.js';
import { authorOf, languageOfPerson, mayManage } from './interaction-facts.js';
import type { Places } from './places.js';

export interface ControlPressesOptions {
  readonly actions: TurnActions;
  readonly places: Pick<Places, 'addressOfInteraction'>;
  readonly answers: InteractionAnswers;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** The buttons under replies. */
export class ControlPresses {
  readonly #options: ControlPressesOptions;

  constructor(options: ControlPressesOptions) {
    this.#options = options;
  }

  async pressed(interaction: APIMessageComponentInteraction): Promise<void> {
    const { answers, log } = this.#options;
    const acknowledged = await answers.deferUpdate(interaction);
    const control = readCustomId(interaction.data.custom_id);
    if (!control) {
      log.debug({ interactionId: interaction.id }, 'an unknown button was pressed');
      return;
    }
    const told = await this.#carryOut(control, interaction, languageOfPerson(interaction));
    if (told !== null && acknowledged !== 'too-late') await answers.followUp(interaction, told, 'asker');
  }

  /** @returns what the person should be told, or null where they see it happen */
  async #carryOut(
    control: Control,
    interaction: APIMessageComponentInteraction,
    language: Language,
  ): Promise<string | null> {
    const { actions, signal } = this.#options;
    const say = sentencesIn(language);
    // The id in the button is only believed where the message it hangs on belongs to that turn.
    const pressed = { platform: 'discord', messageId: interaction.message.id, claimed: control.turnId };
    const turn = await actions.turnOfControl(pressed, signal);
    if (!turn) return say.notMine;
    const author = authorOf(interaction);
    switch (control.action) {
      case 'stop':
        if (!this.#mayAct(turn, interaction, author)) return say.notYours;
        return (await actions.stop(turn.id)) ? null : say.ended;
      case 'again': {
        if (!this.#mayAct(turn, interaction, author)) return say.notYours;
        const again = await actions.regenerate(turn.id, language);
        return again.type === 'accepted' ? null : again.text;
      }
      default:
        await actions.vote(turn.id, author, control.action === 'up' ? 1 : -1);
        return say.thanks;
    }
  }

  #mayAct(turn: TurnView, interaction: APIMessageComponentInteraction, author: Author): boolean {
    const { actions, places } = this.#options;
    const address = places.addressOfInteraction(interaction);
    return address !== null && actions.mayActOn(turn, { address, author, mayManage: mayManage(interaction) });
  }
}
