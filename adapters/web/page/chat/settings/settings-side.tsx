import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Dialog } from '../../parts/dialog.js';
import { roomy } from '../../state/narrow.js';
import type { Choices } from './choices.js';
import type { ConversationSettings } from './conversation-settings.js';
import { SETTING_SAID } from './sentences.js';
import { SettingsPanel } from './settings-panel.js';

interface SettingsSideProps {
  readonly choices: Choices;
  readonly settings: ConversationSettings;
}

/** The settings beside the chat, or, where there is no room for both, a drawer over it. */
export function SettingsSide({ choices, settings }: SettingsSideProps) {
  const panel = <SettingsPanel choices={choices} settings={settings} />;
  if (roomy.value) return <Beside onClose={() => choices.close()}>{panel}</Beside>;
  return (
    <Dialog label={SETTING_SAID.title} kind="right drawer" onClose={() => choices.close()}>
      {panel}
    </Dialog>
  );
}

interface BesideProps {
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

function Beside({ onClose, children }: BesideProps) {
  const element = useRef<HTMLElement>(null);
  useLayoutEffect(() => element.current?.focus(), []);
  return (
    <aside
      ref={element}
      class="settings-side"
      tabIndex={-1}
      aria-label={SETTING_SAID.title}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        // Within the chat, it stops an answer.
        event.preventDefault();
        onClose();
      }}
    >
      {children}
    </aside>
  );
}
