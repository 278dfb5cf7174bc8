import type { AdminDeps } from "../../deps.ts";
import type { Samples } from "./samples.ts";

/** What pages use beside the operations of `/v1`. */
export interface PageDeps extends Pick<AdminDeps, "config"> {
  readonly samples: Samples;
}
