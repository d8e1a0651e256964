import { useSignal } from '@preact/signals';
import type { ApiKey } from '../../api/api-types.js';
import { callApi } from '../../api/call-api.js';
import { ConfirmDialog, type Question } from '../../parts/confirm-dialog.js';
import { type Column, DataTable } from '../../parts/data-table.js';
import { Dialog } from '../../parts/dialog.js';
import { Moment } from '../../parts/moment.js';
import { Outcome } from '../../parts/outcome.js';
import { showNumber } from '../../parts/show-number.js';
import { Status } from '../../parts/status.js';
import { useLoaded } from '../../parts/use-loaded.js';
import { SectionState } from '../section-state.js';
import { SAID } from '../sentences.js';
import { KeyForm, type KeyValues } from './key-form.js';
import { NewKey } from './new-key.js';

export function KeysSection() {
  const loaded = useLoaded('GET /api/admin/keys', {});
  const form = useSignal<'new' | ApiKey | null>(null);
  const made = useSignal<{ readonly name: string; readonly key: string } | null>(null);
  const question = useSignal<Question | null>(null);
  const done = useSignal('');
  const { value } = loaded;
  const pathOf = ({ id }: ApiKey) => ({ id: String(id) });

  async function save(values: KeyValues): Promise<void> {
    const of = form.value;
    if (of === 'new') {
      made.value = await callApi('POST /api/admin/keys', { body: values });
      done.value = '';
    } else if (of !== null) {
      await callApi('PATCH /api/admin/keys/{id}', { path: pathOf(of), body: values });
      done.value = SAID.keyChanged(values.name);
    }
    form.value = null;
    await loaded.load();
  }

  const revoking = (key: ApiKey): Question => ({
    title: SAID.revokeTitle(key.name),
    more: SAID.revokeMore(key.shown),
    action: SAID.revoke,
    run: async () => {
      await callApi('DELETE /api/admin/keys/{id}', { path: pathOf(key) });
      done.value = SAID.revoked(key.name);
      await loaded.load();
    },
  });

  const actions: Column<ApiKey> = {
    title: 'Actions',
    kind: 'actions',
    show: (key) =>
      key.revoked_at === null && (
        <div class="row-actions">
          <button
            type="button"
            class="button small"
            aria-label={SAID.changeLabel(key.name)}
            onClick={() => {
              form.value = key;
            }}
          >
            {SAID.change}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={SAID.revokeLabel(key.name)}
            onClick={() => {
              question.value = revoking(key);
            }}
          >
            {SAID.revoke}
          </button>
        </div>
      ),
  };

  const title = form.value === 'new' ? SAID.makeKey : SAID.changeKey;
  return (
    <>
      <p class="lead">{SAID.keysLead}</p>
      <div class="tools">
        <button
          type="button"
          class="button main"
          onClick={() => {
            form.value = 'new';
          }}
        >
          {SAID.makeKey}
        </button>
      </div>
      <SectionState of={loaded} />
      <Outcome done={done.value} />
      {made.value && (
        <NewKey
          key={made.value.key}
          name={made.value.name}
          value={made.value.key}
          onDone={() => {
            made.value = null;
          }}
        />
      )}
      {value && (
        <DataTable
          label={SAID.keys}
          columns={[...COLUMNS, actions]}
          rows={value.keys}
          keyOf={({ id }) => id}
          empty={SAID.noKeys}
        />
      )}
      {form.value && (
        <Dialog
          label={title}
          kind="box"
          onClose={() => {
            form.value = null;
          }}
        >
          <h2>{title}</h2>
          <KeyForm of={form.value === 'new' ? null : form.value} onSave={save} />
        </Dialog>
      )}
      {question.value && (
        <ConfirmDialog
          question={question.value}
          onClose={() => {
            question.value = null;
          }}
        />
      )}
    </>
  );
}

const COLUMNS: readonly Column<ApiKey>[] = [
  {
    title: 'Key',
    show: ({ name, shown }) => (
      <span>
        {name}
        <span class="key">{shown}</span>
      </span>
    ),
  },
  {
    title: 'State',
    show: ({ revoked_at: at }) =>
      at === null ? (
        <Status tone="good">{SAID.inForce}</Status>
      ) : (
        <Status tone="off">{SAID.isRevoked}</Status>
      ),
  },
  { title: 'Made', show: ({ created_at: at }) => <Moment at={at} /> },
  { title: 'Last used', show: ({ last_used_at: at }) => <Moment at={at} never={SAID.never} /> },
  {
    title: 'Limits',
    show: ({ limits: { turns_per_minute: turns, tokens_per_day: tokens } }) => (
      <span>
        {turns === null ? SAID.anyTurns : SAID.turnsAMinute(showNumber(turns))}
        <span class="more">{tokens === null ? SAID.anyTokensADay : SAID.tokensIn24(showNumber(tokens))}</span>
      </span>
    ),
  },
];
