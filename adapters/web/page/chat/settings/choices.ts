import { signal } from '@preact/signals';
import { afterRender } from '../../parts/after-render.js';
import { ModelList } from './model/model-list.js';
import { SettingOptions } from './options.js';

/** What there is to choose from, the same for every conversation, and whether the settings are open. */
export class Choices {
  readonly options = new SettingOptions();
  readonly models = new ModelList();
  readonly isOpen = signal(false);

  close(): void {
    this.isOpen.value = false;
    afterRender(() => document.querySelector<HTMLElement>('#open-settings')?.focus());
  }
}
