import { closeDialog, Dialog } from '../../parts/dialog.js';
import { SAID } from '../list/sentences.js';
import { chooseLetters, letters, SHORTCUTS } from './shortcuts.js';

const KEY_NAMES: Readonly<Record<string, string>> = { Escape: 'Esc' };

export function ShortcutsDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog label={SAID.shortcuts} kind="box" onClose={onClose}>
      <h2>{SAID.shortcuts}</h2>
      <dl class="shortcuts">
        {SHORTCUTS.map(({ key, says }) => (
          <div key={key}>
            <dt>
              <kbd>{KEY_NAMES[key] ?? key}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <label class="choice">
        <input
          type="checkbox"
          checked={letters.value}
          onChange={({ currentTarget }) => chooseLetters(currentTarget.checked)}
        />
        {SAID.letters}
      </label>
      <div class="choices">
        <button type="button" class="button main" onClick={closeDialog}>
          {SAID.done}
        </button>
      </div>
    </Dialog>
  );
}
