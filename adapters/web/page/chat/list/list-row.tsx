import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { sentenceOf } from '../../api/call-api.js';
import { goWithin } from '../../shell/navigation.js';
import { type ConversationList, hrefOf } from './conversation-list.js';
import { LineForm } from './line-form.js';
import type { Listed } from './listed.js';
import { RowMenu } from './row-menu.js';
import { SAID } from './sentences.js';

/** Longest title, in UTF-16 code units, as the API takes it. */
const TITLE_LENGTH = 200;

interface ListRowProps {
  readonly listed: Listed;
  readonly list: ConversationList;
  readonly isCurrent: boolean;
  readonly onShow: (id: string) => void;
  readonly onClear: (listed: Listed) => void;
  readonly onRemove: (listed: Listed) => void;
  readonly onRenamed: () => void;
}

export function ListRow(props: ListRowProps) {
  const { listed, list, isCurrent, onShow, onClear, onRemove, onRenamed } = props;
  const renaming = useSignal(false);
  const row = useRef<HTMLLIElement>(null);
  const id = listed.conversation_id;

  async function rename(title: string): Promise<string | null> {
    if (title.trim().length > TITLE_LENGTH) return SAID.titleLong(TITLE_LENGTH);
    return list.rename(id, title).then(() => null, sentenceOf);
  }

  function renamed(saved: boolean): void {
    renaming.value = false;
    if (saved) onRenamed();
    requestAnimationFrame(() => row.current?.querySelector('a')?.focus());
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
  const href = hrefOf(id);
  return (
    <li ref={row}>
      <a
        href={href}
        title={listed.title ?? undefined}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={(event) => {
          if (goWithin(event, href)) onShow(id);
        }}
      >
        {listed.title ?? SAID.untitled}
      </a>
      <RowMenu
        listed={listed}
        onRename={() => {
          renaming.value = true;
        }}
        onClear={() => onClear(listed)}
        onRemove={() => onRemove(listed)}
      />
    </li>
  );
}
