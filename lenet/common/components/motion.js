/** Whether the reader has asked for less motion: what plays by itself elsewhere then goes on step by step. */
export const wantsStillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches
