import { closeDialog, Dialog } from '../../parts/dialog.js';
import { Icon } from '../../parts/icon.js';
import { narrow } from '../../state/narrow.js';
import { type ListProps, ListView } from './list-view.js';
import { SAID } from './sentences.js';
import { UserName } from './user-name.js';

interface ListSideProps extends ListProps {
  readonly onClose: () => void;
  readonly onShortcuts: () => void;
}

/** The list beside the chat, or, where there is no room for both, a drawer over it. */
export function ListSide({ onClose, onShortcuts, ...list }: ListSideProps) {
  const foot = (
    <div class="list-foot">
      <UserName />
      <button type="button" class="button plain" onClick={onShortcuts}>
        {SAID.shortcuts}
      </button>
    </div>
  );
  if (!narrow.value)
    return (
      <nav class="side" aria-label={SAID.list}>
        <a class="skip" href="#message">
          {SAID.skip}
        </a>
        <ListView {...list} />
        {foot}
      </nav>
    );
  return (
    <Dialog label={SAID.list} kind="drawer" onClose={onClose}>
      <div class="side">
        <div class="drawer-head">
          <h2>{SAID.list}</h2>
          <button type="button" class="button plain" aria-label={SAID.close} onClick={closeDialog}>
            <Icon name="close" />
          </button>
        </div>
        <ListView
          {...list}
          onShow={(id) => {
            onClose();
            list.onShow(id);
          }}
        />
        {foot}
      </div>
    </Dialog>
  );
}
