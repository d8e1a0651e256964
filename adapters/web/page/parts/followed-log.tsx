import type { ComponentChildren, RefObject } from 'preact';
import { useRef } from 'preact/hooks';

/** Who is this near the end, in CSS pixels, goes along with what comes. */
const NEAR_END_PX = 80;

/** What scrolls, and whether whoever reads goes along with its end. */
export interface FollowedEnd {
  readonly scroller: RefObject<HTMLDivElement | null>;
  readonly follows: { current: boolean };
}

export function useFollowedEnd(): FollowedEnd {
  return { scroller: useRef<HTMLDivElement>(null), follows: useRef(true) };
}

interface FollowedLogProps {
  readonly end: FollowedEnd;
  readonly label: string;
  readonly onScroll?: () => void;
  readonly children: ComponentChildren;
}

/** Where what is said grows at its end. */
export function FollowedLog({ end: { scroller, follows }, label, onScroll, children }: FollowedLogProps) {
  return (
    <div
      ref={scroller}
      class="talk"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={label}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
        onScroll?.();
      }}
    >
      {children}
    </div>
  );
}
