/** Which of a fleet's workers are to answer. What it knows is some seconds old at most. */
export interface ModelRoutes {
  /** All there are. */
  readonly aliases: readonly string[];
  has(alias: string): boolean;
  /** True while a worker serves the model. */
  isServed(alias: string): boolean;
  /**
   * The model whose workers are to answer what asks for `alias`: itself, or the first of its fallbacks that a worker
   * serves; null where no worker serves any of them.
   */
  routeOf(alias: string): string | null;
  /** True where no worker has served it, or a fallback of it, for longer than a restart takes. */
  isGone(alias: string): boolean;
}
