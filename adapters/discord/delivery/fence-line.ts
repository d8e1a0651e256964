/**
 * A line that opens or closes a code block, as the pipeline reads them when it splits: behind tildes there may be
 * backticks, behind backticks none. Groups: the marks, and what stands behind them.
 */
export const FENCE_LINE = /^ {0,3}(`{3,16}(?![^\n]*`)|~{3,16}(?!~))([^\n]*)$/;
