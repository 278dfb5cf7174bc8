import type { AtlasMessage } from "../wire/messages.ts";
import type { PackedBody } from "../wire/packed-body.ts";

/** A Message whose body is not built yet. */
export type UnbuiltMessage = Omit<AtlasMessage, "body"> & { readonly body: PackedBody };
