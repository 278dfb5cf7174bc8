import { z } from "zod";

/** The `admin` section of the configuration. */
export const adminSchema = z
  .strictObject({
    /**
     * Who may read `/metrics`: `local`, whoever asks from this machine directly, and tokens of scope
     * `read`; `token`, those alone; `public`, anybody.
     */
    metrics: z.enum(["local", "token", "public"]).default("local"),
  })
  .prefault({});
