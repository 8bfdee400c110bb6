import type { CaptionNotice } from "../../../shared/call.ts";
import type { ParleyErrorReason } from "../../sdk/index.ts";
import { en } from "./en.ts";

/**
 * What every language of the app has to say: the keys of the English texts. A form for "one" may be
 * left out, as languages without one do.
 */
type Shape<Text> = {
  [Key in keyof Text as Key extends `${string}_one` ? never : Key]: Text[Key] extends string
    ? string
    : Shape<Text[Key]>;
};

/** Every error that a person can meet has a sentence; a reason without one does not compile. */
type Complete = {
  errors: Record<ParleyErrorReason, string>;
  notice: Record<CaptionNotice, string>;
};

export type Texts = Shape<typeof en> & Complete;

/** Fails to compile when the English texts lack a sentence. */
export const english: typeof en & Complete = en;
