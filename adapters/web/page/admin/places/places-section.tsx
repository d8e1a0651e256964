import { useSignal } from '@preact/signals';
import { Outcome } from '../../parts/outcome.js';
import { Pager, usePaging } from '../../parts/pager.js';
import { SearchForm } from '../../parts/search-form.js';
import { useLoaded } from '../../parts/use-loaded.js';
import { SectionState } from '../section-state.js';
import { SAID } from '../sentences.js';
import { PlaceCard } from './place-card.js';
import { placeName } from './place-name.js';

const PLATFORMS = ['discord', 'slack', 'web'] as const;

export function PlacesSection() {
  const search = useSignal('');
  const platform = useSignal<(typeof PLATFORMS)[number] | ''>('');
  const done = useSignal('');
  const filter = {
    ...(search.value !== '' && { search: search.value }),
    ...(platform.value !== '' && { platform: platform.value }),
  };
  const paging = usePaging(JSON.stringify(filter));
  const query = { ...filter, ...(paging.cursor !== null && { before: paging.cursor }) };
  const loaded = useLoaded('GET /api/admin/places', { query });
  const options = useLoaded('GET /api/options', {});
  const models = useLoaded('GET /api/models', {});
  const { value } = loaded;

  return (
    <>
      <p class="lead">{SAID.placesLead}</p>
      <SearchForm
        label={SAID.placesSearch}
        onSearch={(text) => {
          search.value = text;
        }}
      >
        <label class="field">
          <span>{SAID.platformFilter}</span>
          <select
            value={platform.value}
            onChange={({ currentTarget }) => {
              platform.value = PLATFORMS.find((name) => name === currentTarget.value) ?? '';
            }}
          >
            <option value="">{SAID.everyPlatform}</option>
            {PLATFORMS.map((name) => (
              <option key={name} value={name}>
                {SAID.platform[name]}
              </option>
            ))}
          </select>
        </label>
      </SearchForm>
      <SectionState of={loaded} />
      <Outcome done={done.value} problem={options.problem || models.problem} />
      {value?.places.length === 0 && (
        <p class="quiet">{Object.keys(query).length === 0 ? SAID.noPlaces : SAID.noPlacesFound}</p>
      )}
      {value && (
        <>
          <ul class="cards">
            {value.places.map((place) => (
              <PlaceCard
                key={place.key}
                place={place}
                options={options.value}
                models={models.value}
                onChanged={async () => {
                  await loaded.load();
                  done.value = SAID.placeSaved(placeName(place));
                }}
              />
            ))}
          </ul>
          <Pager paging={paging} next={value.earlier} />
        </>
      )}
    </>
  );
}
