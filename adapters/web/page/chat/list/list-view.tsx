import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { afterRender } from '../../parts/after-render.js';
import { ConfirmDialog, type Question } from '../../parts/confirm-dialog.js';
import { Icon } from '../../parts/icon.js';
import { isFocusLost } from '../../parts/is-focus-lost.js';
import type { ConversationList } from './conversation-list.js';
import type { Entry } from './entries.js';
import { ListRow } from './list-row.js';
import { byPeriod } from './periods.js';
import { SAID } from './sentences.js';
import './list.css';

export interface ListProps {
  readonly list: ConversationList;
  /** Of the conversation on the screen. */
  readonly current: string | null;
  /** Null begins a new one. */
  readonly onShow: (id: string | null) => void;
  readonly onRemove: (entry: Entry) => Promise<void>;
  /** What was said in it is no more. */
  readonly onForgotten: (entry: Entry, removed: boolean) => void;
}

/** The search field and what it finds. */
export function ListView(props: ListProps) {
  const { list, onShow, onRemove, onForgotten } = props;
  const question = useSignal<Question | null>(null);
  const told = useSignal('');
  const scroller = useRef<HTMLDivElement>(null);

  function forgotten(entry: Entry, removed: boolean): void {
    told.value = removed ? SAID.removed : SAID.cleared;
    onForgotten(entry, removed);
  }

  async function more(button: Element): Promise<void> {
    await list.more();
    afterRender(() => {
      if (!button.isConnected) scroller.current?.focus();
    });
  }

  function askToClear(entry: Entry): void {
    question.value = {
      title: SAID.clearSure(entry.name),
      more: SAID.clearMore,
      action: SAID.clearDo,
      run: async () => {
        await list.clear(entry);
        forgotten(entry, false);
      },
    };
  }

  function askToRemove(entry: Entry): void {
    question.value = {
      title: SAID.removeSure(entry.name),
      more: SAID.removeMore,
      action: SAID.removeDo,
      run: async () => {
        await onRemove(entry);
        forgotten(entry, true);
      },
    };
  }

  return (
    <>
      <div class="list-head">
        <button type="button" class="button fresh" onClick={() => onShow(null)}>
          <Icon name="add" />
          {SAID.fresh}
        </button>
        <label class="unseen" for="search">
          {SAID.search}
        </label>
        <input
          id="search"
          type="search"
          placeholder={SAID.searchHint}
          autocomplete="off"
          maxLength={200}
          defaultValue={list.search.peek()}
          onInput={({ currentTarget }) => list.type(currentTarget.value)}
        />
      </div>
      <div class="list-rows" ref={scroller} tabIndex={-1}>
        <Rows
          {...props}
          onClear={askToClear}
          onRemove={askToRemove}
          onRenamed={() => {
            told.value = SAID.renamed;
          }}
          onMore={(button) => void more(button)}
        />
      </div>
      <p class="unseen" role="status">
        {told.value}
      </p>
      {question.value && (
        <ConfirmDialog
          question={question.value}
          onClose={() => {
            question.value = null;
            // The button that the dialog would give the focus back to is gone with its row.
            if (isFocusLost()) scroller.current?.focus();
          }}
        />
      )}
    </>
  );
}

interface RowsProps extends Omit<ListProps, 'onRemove'> {
  readonly onClear: (entry: Entry) => void;
  readonly onRemove: (entry: Entry) => void;
  readonly onRenamed: () => void;
  readonly onMore: (button: Element) => void;
}

function Rows({ list, current, onShow, onClear, onRemove, onRenamed, onMore }: RowsProps) {
  const { earlier } = list.page.value;
  const entries = list.entries.value;
  const search = list.search.value;
  const none = entries.length === 0 && !list.loading.value && list.problem.value === '';
  return (
    <>
      <p class={search === '' ? 'unseen' : 'quiet found'} role="status">
        {search !== '' && (none ? SAID.noneFound(search) : SAID.found(entries.length, earlier !== null))}
      </p>
      {none && search === '' && <p class="quiet found">{SAID.none}</p>}
      {byPeriod(entries, ({ listed: { updated_at } }) => new Date(updated_at), new Date()).map(
        ({ period, items }) => (
          <section key={period} aria-label={period}>
            <h2>{period}</h2>
            <ul>
              {items.map((entry) => (
                <ListRow
                  key={entry.href}
                  entry={entry}
                  list={list}
                  isCurrent={entry.ids.some((id) => id === current)}
                  onShow={onShow}
                  onClear={onClear}
                  onRemove={onRemove}
                  onRenamed={onRenamed}
                />
              ))}
            </ul>
          </section>
        ),
      )}
      {list.problem.value !== '' && (
        <div class="found" role="alert">
          <p class="problem">{list.problem.value}</p>
          <button type="button" class="button" onClick={() => void list.load()}>
            {SAID.again}
          </button>
        </div>
      )}
      {entries.length === 0 && list.loading.value && <p class="quiet found">{SAID.loading}</p>}
      {earlier !== null && (
        <button type="button" class="button plain" onClick={({ currentTarget }) => onMore(currentTarget)}>
          {SAID.more}
        </button>
      )}
    </>
  );
}
