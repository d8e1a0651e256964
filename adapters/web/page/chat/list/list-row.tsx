import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { sentenceOf } from '../../api/call-api.js';
import { afterRender } from '../../parts/after-render.js';
import { goWithin } from '../../state/navigation.js';
import type { ConversationList } from './conversation-list.js';
import type { Entry } from './entries.js';
import { LineForm } from './line-form.js';
import { RowMenu } from './row-menu.js';
import { SAID } from './sentences.js';

/** Longest title, in UTF-16 code units, as the API takes it. */
const TITLE_LENGTH = 200;

interface ListRowProps {
  readonly entry: Entry;
  readonly list: ConversationList;
  readonly isCurrent: boolean;
  readonly onShow: (id: string) => void;
  readonly onClear: (entry: Entry) => void;
  readonly onRemove: (entry: Entry) => void;
  readonly onRenamed: () => void;
}

export function ListRow(props: ListRowProps) {
  const { entry, list, isCurrent, onShow, onClear, onRemove, onRenamed } = props;
  const { listed, name, href } = entry;
  const renaming = useSignal(false);
  const row = useRef<HTMLLIElement>(null);

  async function rename(title: string): Promise<string | null> {
    if (title.trim().length > TITLE_LENGTH) return SAID.titleLong(TITLE_LENGTH);
    return list.rename(entry, title).then(() => null, sentenceOf);
  }

  function renamed(saved: boolean): void {
    renaming.value = false;
    if (saved) onRenamed();
    afterRender(() => row.current?.querySelector('a')?.focus());
  }

  if (renaming.value)
    return (
      <li ref={row}>
        <LineForm
          id="title"
          label={SAID.title}
          labelUnseen
          hint={SAID.titleHint}
          value={listed.title ?? ''}
          save={rename}
          onDone={renamed}
        />
      </li>
    );
  return (
    <li ref={row}>
      <a
        href={href}
        title={listed.title === null ? undefined : name}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={(event) => {
          if (goWithin(event, href)) onShow(listed.conversation_id);
        }}
      >
        {name}
      </a>
      <RowMenu
        entry={entry}
        onRename={() => {
          renaming.value = true;
        }}
        onClear={() => onClear(entry)}
        onRemove={() => onRemove(entry)}
      />
    </li>
  );
}
