import { existsSync } from "node:fs";

/** Works until the file `go` exists, then fails until the file `repaired` does. */
export default async function work({ params }) {
  while (!existsSync(params.go)) await new Promise((done) => setTimeout(done, 20));
  if (existsSync(params.repaired)) return { repaired: true };
  throw new Error("out of order");
}
