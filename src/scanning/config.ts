import { z } from "zod";

const mode = z.enum(["off", "monitor", "blocking"]);
const threshold = z.number().min(0).max(1);

/** The `scanner` section of the configuration. */
export const scannerSchema = z
  .strictObject({
    /** `monitor` counts and logs what it finds; `blocking` refuses it, too. */
    mode: mode.default("monitor"),
    /** Findings less sure than this are none. */
    threshold: threshold.default(0.8),
    /** By zone id, what is otherwise there. */
    zones: z
      .record(
        z.string(),
        z.strictObject({ mode: mode.optional(), threshold: threshold.optional() }),
      )
      .default({}),
  })
  .prefault({});

export type ScannerConfig = z.output<typeof scannerSchema>;
