import type { Bug } from "./mutant.ts";

/** Bugs that the simulation must find, by what they are. */
export const BUGS: Readonly<Record<string, Bug>> = {
  "N - k answers are taken for enough": {
    file: "take-over.ts",
    right: "answered >= epoch.n - epoch.moneyAcks + 1",
    wrong: "answered >= epoch.n - epoch.moneyAcks",
  },
  "only the set before E is asked": {
    file: "take-over.ts",
    right: "past.epoch < lowest || past.epoch >= epoch.epoch",
    wrong: "past.epoch !== epoch.epoch - 1",
  },
  "the most advanced copy is not taken": {
    file: "take-over.ts",
    right: "return best !== undefined && isReached(state, best.node) ? undefined : best;",
    wrong: "return hasUsableCopy(state) ? undefined : best;",
  },
  "empty and lost copies are counted": {
    file: "hearing.ts",
    right: "answer: { position: isCounted ? position : null, isHeld }",
    wrong: 'answer: { position: position ?? { epoch: 1, n: 0, digest: "" }, isHeld }',
  },
  "a lease that ran out is taken for a fence": {
    file: "take-over.ts",
    right: "if (epoch.acceptsLoss && nowMs",
    wrong: "if (nowMs",
  },
  "followers are served before the first commit": {
    file: "replicate.ts",
    right: 'if (!hasBegun(state)) return unavailable("RECOVERING");',
    wrong: "",
  },
  "a primary that E keeps need not be in the epoch before": {
    file: "adopting.ts",
    right: "(position.epoch === (before?.epoch ?? 0) || durable.entry.isKept)",
    wrong: "position.epoch <= (before?.epoch ?? 0)",
  },
  "released by fewer than k voters": {
    file: "charge.ts",
    right: "[acks - 1] ?? 0",
    wrong: "[Math.max(0, acks - 2)] ?? 0",
  },
  "learners are counted": {
    file: "charge.ts",
    right: "const held = epoch.voters.map(",
    wrong: "const held = [...epoch.voters, ...epoch.learners].map(",
  },
};
