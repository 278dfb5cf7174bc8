import { signEpoch } from "./creator.ts";
import type { Run } from "./run.ts";
import type { CrashMoment, SimSteward } from "./steward.ts";

const MOMENTS: readonly CrashMoment[] = ["before COMMIT", "after COMMIT", "between effects"];

/** A process ends: at once, or around its next write; it starts again later. */
function crash(run: Run): void {
  const { random, clock } = run;
  const steward = random.pick(run.stewards);
  if (!steward?.isUp) return;
  const moment = random.pick(MOMENTS);
  run.note(`${steward.name} crashes ${moment}`);
  steward.crashing = moment;
  clock.after(300, () => {
    if (steward.crashing !== undefined) steward.crash();
  });
  startLater(run, steward);
}

function startLater(run: Run, steward: SimSteward): void {
  run.clock.after(run.random.between(350, 3_000), () => {
    if (steward.isUp) return;
    run.note(`${steward.name} starts`);
    steward.start();
  });
}

/** A link loses what goes one way, or both. */
function cut(run: Run): void {
  const { random, clock, network } = run;
  const [from, to] = [random.pick(run.stewards), random.pick(run.stewards)];
  if (from === undefined || to === undefined || from === to) return;
  const isHalved = random.chance(0.4);
  run.note(`${from.name} ${isHalved ? "->" : "<->"} ${to.name} is cut`);
  network.cut(from.id, to.id);
  if (!isHalved) network.cut(to.id, from.id);
  clock.after(random.between(100, 4_000), () => {
    run.note(`${from.name} <-> ${to.name} is mended`);
    network.mend(from.id, to.id);
    network.mend(to.id, from.id);
  });
}

/** A steward is cut off from all others. */
function isolate(run: Run): void {
  const { random, clock, network } = run;
  const alone = random.pick(run.stewards);
  if (alone === undefined) return;
  const others = run.stewards.filter((steward) => steward !== alone);
  run.note(`${alone.name} is cut off`);
  for (const { id } of others) {
    network.cut(alone.id, id);
    network.cut(id, alone.id);
  }
  clock.after(random.between(300, 5_000), () => {
    run.note(`${alone.name} is reached again`);
    for (const { id } of others) {
      network.mend(alone.id, id);
      network.mend(id, alone.id);
    }
  });
}

/** A disk takes long. */
function stall(run: Run): void {
  const steward = run.random.pick(run.stewards);
  if (steward === undefined) return;
  const forMs = run.random.between(100, 2_000);
  run.note(`${steward.name}'s disk is slow for ${forMs.toFixed(0)} ms`);
  steward.stalledUntilMs = run.clock.nowMs + forMs;
}

/** The creator signs another epoch, and hands it to some of the stewards. */
function promote(run: Run): void {
  const set = chooseSet(run);
  if (set === undefined) return;
  const before = run.epochs.at(-1);
  const { random } = run;
  const isForked = run.temper.isForking && random.chance(0.3);
  const other = isForked ? chooseSet(run) : undefined;
  run.sign(set);
  if (other !== undefined) {
    const fork = signEpoch(before, other);
    if (fork.hash !== run.epochs.at(-1)?.hash) {
      run.note(`creator signs another ${run.describe(fork)}`);
      run.hand([...run.epochs.slice(0, -1), fork], random.some(run.stewards, 0.5));
    }
  }
  const told = random.some(run.stewards, 0.5);
  const primary = run.find(set.primary);
  run.hand([...run.epochs], random.chance(0.8) && primary ? [primary, ...told] : told);
}

function chooseSet({ random, stewards, temper, epochs }: Run) {
  const hasCopy = ({ disk }: SimSteward) => disk.durable.isComplete && !disk.durable.isLost;
  const able = temper.isWild ? stewards : stewards.filter(hasCopy);
  const primary = random.chance(0.4)
    ? stewards.find(({ id }) => id === epochs.at(-1)?.primary)
    : random.pick(able);
  if (primary === undefined) return undefined;
  const others = stewards.filter((steward) => steward !== primary);
  const voters = others.filter((other) => able.includes(other) && random.chance(0.7));
  const learners = others.filter((other) => !voters.includes(other) && random.chance(0.7));
  return {
    primary: primary.id,
    voters: voters.map(({ id }) => id),
    learners: learners.map(({ id }) => id),
    minAcks: random.int(0, 2),
    acceptsLoss: temper.isWild && random.chance(0.15),
  };
}

/** A disk's commits of long ago are not kept any more. */
function prune(run: Run): void {
  const steward = run.random.pick(run.stewards);
  steward?.prune(run.random.int(0, 5));
}

/** A copy is deleted, and the steward knows. */
function deleteCopy(run: Run): void {
  const steward = run.random.pick(run.stewards);
  const copies = run.stewards.filter(({ disk }) => disk.durable.isComplete && !disk.durable.isLost);
  if (!run.temper.isLossy || steward === undefined || copies.length < 3) return;
  run.note(`${steward.name}'s copy is deleted`);
  run.checks.assumptions.isLossy = true;
  steward.deleteCopy();
}

/** A backup is restored, with the command or without. */
function restore(run: Run): void {
  const { random, temper } = run;
  const steward = random.pick(run.stewards);
  if (steward === undefined || (!temper.isLossy && !temper.isBroken)) return;
  const { backup } = steward;
  const isSilent = temper.isBroken && random.chance(0.5);
  const isFenced = backup.durable.epochs.length === steward.disk.durable.epochs.length;
  if (!temper.isBroken && !isFenced) return;
  if (!backup.durable.isComplete) return;
  run.note(`${steward.name}'s backup is restored${isSilent ? " without a word" : ""}`);
  run.checks.assumptions.isLossy = true;
  if (isSilent || !isFenced) run.checks.assumptions.isBroken = true;
  steward.crash();
  steward.restore(isSilent);
  startLater(run, steward);
}

function backUp(run: Run): void {
  run.random.pick(run.stewards)?.backUp();
}

/** What may happen to a world, the common things more than once. */
export const FAULTS: readonly ((run: Run) => void)[] = [
  crash,
  crash,
  crash,
  cut,
  cut,
  isolate,
  stall,
  promote,
  promote,
  promote,
  prune,
  backUp,
  backUp,
  deleteCopy,
  restore,
];
