import { z } from "zod";

const echo = z.strictObject({ type: z.literal("echo") });
const module = z.strictObject({
  type: z.literal("module"),
  /** A JavaScript or TypeScript file; relative paths start at the configuration file. */
  path: z.string().min(1),
  timeout_ms: z.int().min(10).default(30_000),
  memory_mb: z.int().min(16).default(128),
});

/** One entry of `handlers`. */
export const handlerSchema = z.discriminatedUnion("type", [echo, module]);

/** The `handlers` section: zone id or `*`, then action name. */
export const handlersSchema = z
  .record(z.string(), z.record(z.string(), handlerSchema))
  .prefault({});

export type HandlerConfig = z.output<typeof handlerSchema>;
export type HandlersConfig = z.output<typeof handlersSchema>;
