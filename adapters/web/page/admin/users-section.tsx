import { useSignal } from '@preact/signals';
import { callApi } from '../api/call-api.js';
import { ConfirmDialog } from '../parts/confirm-dialog.js';
import { type Column, DataTable } from '../parts/data-table.js';
import { Moment } from '../parts/moment.js';
import { Outcome } from '../parts/outcome.js';
import { Pager, usePaging } from '../parts/pager.js';
import { SearchForm } from '../parts/search-form.js';
import { showNumber } from '../parts/show-number.js';
import { useLoaded } from '../parts/use-loaded.js';
import type { User, Users } from './admin-api.js';
import { SectionState } from './section-state.js';
import { SAID } from './sentences.js';

export function UsersSection() {
  const search = useSignal('');
  const asked = useSignal<User | null>(null);
  const done = useSignal('');
  const paging = usePaging(search.value);
  const query = new URLSearchParams({
    ...(search.value !== '' && { search: search.value }),
    ...(paging.cursor !== null && { after: paging.cursor }),
  });
  const loaded = useLoaded<Users>(`/api/admin/users?${query}`);
  const { value } = loaded;

  async function forget({ key, name }: User): Promise<void> {
    const path = `/api/admin/users/${encodeURIComponent(key)}/forget`;
    const { forgotten } = await callApi<{ forgotten: number }>(path, {
      method: 'POST',
      body: { confirm: key },
    });
    done.value = SAID.forgetDone(name || key, showNumber(forgotten));
    await loaded.load();
  }

  const columns: readonly Column<User>[] = [
    {
      title: 'User',
      show: ({ name, key }) => (
        <span>
          {name === '' ? <em>{SAID.forgotten}</em> : name}
          <span class="key">{key}</span>
        </span>
      ),
    },
    { title: 'Last asked', show: ({ last_asked_at: at }) => <Moment at={at} /> },
    { title: 'Turns, 24 hours', kind: 'number', show: ({ day }) => showNumber(day.turns) },
    {
      title: 'Tokens, 24 hours',
      kind: 'number',
      show: ({ day }) => <OfLimit used={day.tokens} limit={value?.limits.tokens_per_day ?? null} />,
    },
    { title: 'Turns, 30 days', kind: 'number', show: ({ month }) => showNumber(month.turns) },
    { title: 'Tokens, 30 days', kind: 'number', show: ({ month }) => showNumber(month.tokens) },
    {
      title: 'Actions',
      kind: 'actions',
      show: (user) => (
        <button
          type="button"
          class="button small"
          aria-label={SAID.forgetLabel(user.name || user.key)}
          onClick={() => {
            asked.value = user;
          }}
        >
          {SAID.forget}
        </button>
      ),
    },
  ];

  return (
    <>
      <p class="lead">
        {SAID.usersLead} {value && limitsSentence(value)}
      </p>
      <SearchForm
        label={SAID.usersSearch}
        onSearch={(text) => {
          search.value = text;
        }}
      />
      <SectionState of={loaded} />
      <Outcome done={done.value} />
      {value && (
        <>
          <DataTable
            label="Users"
            columns={columns}
            rows={value.users}
            keyOf={({ key }) => key}
            empty={search.value === '' ? SAID.noUsers : SAID.noUsersFound}
          />
          <Pager paging={paging} next={value.next} />
        </>
      )}
      {asked.value && (
        <ConfirmDialog
          title={SAID.forgetTitle(asked.value.name || asked.value.key)}
          action={SAID.forget}
          onConfirm={() => (asked.value ? forget(asked.value) : Promise.resolve())}
          onClose={() => {
            asked.value = null;
          }}
        >
          <p class="key">{asked.value.key}</p>
          <p>{SAID.forgetMore}</p>
        </ConfirmDialog>
      )}
    </>
  );
}

function OfLimit({ used, limit }: { readonly used: number; readonly limit: number | null }) {
  if (limit === null || limit === 0) return <>{showNumber(used)}</>;
  return (
    <span class={used >= limit ? 'problem' : undefined}>
      {showNumber(used)} of {showNumber(limit)}
    </span>
  );
}

function limitsSentence({ limits: { turns_per_minute: turns, tokens_per_day: tokens } }: Users): string {
  return SAID.usersLimits(
    turns === null ? SAID.anyQuestions : SAID.questions(showNumber(turns)),
    tokens === null ? SAID.anyTokens : SAID.tokens(showNumber(tokens)),
  );
}
