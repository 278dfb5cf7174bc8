import { existsSync } from "node:fs";

/** Fails until the file that its params name exists; then counts as repaired. */
export default function fail({ params }) {
  if (existsSync(params.repaired)) return { repaired: true };
  throw new Error("out of order");
}
