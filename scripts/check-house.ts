// Holds src to the table in scripts/house.ts: `node scripts/check-house.ts`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { findBareWrites } from "./bare-writes.ts";
import { findCircles } from "./file-circles.ts";
import { ANNEXES, type Annex, DOORS, KNOWN, ROOMS, type Room } from "./house.ts";

const TABLE = "scripts/house.ts";
/** Types and dynamic imports count; what stands in a comment or a text would count too. */
const IMPORT =
  /\b(?:from|import|require)\s*(?:\(\s*)?(?:\/\*[^*]*\*\/\s*)?(["'`])((?:\.{1,2}\/|[@\w])[^"'`\n]*)\1/g;

interface Import {
  readonly from: string;
  /** A path below src, or a package's name. */
  readonly to: string;
}

const files = listFiles("src");
const isFile = new Set(files);
const { inner, packages, problems } = readImports();
const present = new Set(inner.map(({ from, to }) => `${from} ${to}`));
const isKnown = ({ from, to }: Import) => KNOWN.some((one) => one.from === from && one.to === to);

problems.push(...findUnlisted(), ...findUpward());
for (const one of inner) problems.push(...judge(one));
for (const one of packages) problems.push(...judgePackage(one));
for (const file of files) {
  problems.push(...findBareWrites(file, readFileSync(join("src", file), "utf8")));
}
for (const annex of ANNEXES) problems.push(...judgeAnnex(annex));
for (const circle of findCircles(
  files,
  inner.filter((one) => !isKnown(one)),
)) {
  problems.push(
    `a circle of files: ${[...circle, circle[0]].join(" → ")}: move what they share into a file that imports none of them`,
  );
}
for (const { from, to } of KNOWN) {
  if (present.has(`${from} ${to}`)) continue;
  problems.push(`${from} → ${to} is known in ${TABLE} and no longer there: take it off the list`);
}

for (const problem of problems) process.stderr.write(`${problem}\n`);
process.stdout.write(
  `${ROOMS.length} rooms, ${files.length} files, ${inner.length} imports, ${KNOWN.length} known\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return (readdirSync(folder, { recursive: true }) as string[])
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));
}

function findTargets(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(IMPORT)].map(([, , target = ""]) => target);
}

function readImports() {
  const found = { inner: [] as Import[], packages: [] as Import[], problems: [] as string[] };
  for (const from of files) {
    for (const target of findTargets(join("src", from))) {
      if (!target.startsWith(".")) {
        found.packages.push({ from, to: target });
        continue;
      }
      const to = posix.normalize(posix.join(dirname(from), target));
      if (isFile.has(to)) found.inner.push({ from, to });
      else if (to.startsWith("../")) {
        found.problems.push(
          `${from} imports ${to}, which is not in src: move what it needs into src`,
        );
      }
    }
  }
  return found;
}

function roomOf(file: string): Room | undefined {
  const folder = dirname(file);
  return (
    ROOMS.find(({ room }) => room === file) ??
    ROOMS.find(({ room }) => room === folder && folder !== ".")
  );
}

function findUnlisted(): string[] {
  const unlisted = files.filter((file) => roomOf(file) === undefined);
  const places = new Set(unlisted.map((file) => (dirname(file) === "." ? file : dirname(file))));
  const known = new Set(ROOMS.map(({ room }) => room));
  return [
    ...[...places].map((place) => `src/${place} is not listed: give it a row in ${TABLE}`),
    ...[...known]
      .filter((room) => !files.some((file) => roomOf(file)?.room === room))
      .map((room) => `${TABLE} lists ${room}, which has no file: take the row out`),
  ];
}

function findUpward(): string[] {
  const above = new Set<string>();
  const upward: string[] = [];
  for (const { room, may } of ROOMS) {
    for (const name of may) {
      const isAbove = name.endsWith("/") ? isGroup(name, above) : above.has(name);
      if (!isAbove) {
        upward.push(
          `${TABLE}: the row ${room} lists ${name}, which is no row above it: move the row, or import the other way round`,
        );
      }
    }
    above.add(room);
  }
  return upward;
}

/** A group of rooms holds at least one, all of them above, but for the row's own like. */
function isGroup(name: string, above: ReadonlySet<string>): boolean {
  const members = ROOMS.filter(({ room }) => room.startsWith(name));
  return members.length > 0 && members.every(({ room }) => above.has(room));
}

function judge({ from, to }: Import): string[] {
  const here = roomOf(from);
  const there = roomOf(to);
  if (!here || !there) return [];
  const isListed =
    here === there ||
    here.may.some((name) =>
      name.endsWith("/") ? there.room.startsWith(name) : there.room === name,
    );
  if (isListed && isThroughDoor(here.room, from, to)) return [];
  if (isKnown({ from, to })) return [];
  return [
    isListed
      ? `${from} imports ${to} past the door: use ${DOORS.find(({ inside }) => to.startsWith(inside))?.through.join(", ")}`
      : `${from} imports ${to}: the row ${here.room} of ${TABLE} does not list ${there.room}. Move the code to where it may be used from, or hand it in; add it to the row only if the plan of the house allows it`,
  ];
}

function isThroughDoor(room: string, from: string, to: string): boolean {
  return DOORS.every(
    ({ inside, through, also }) =>
      !to.startsWith(inside) ||
      from.startsWith(inside) ||
      through.includes(to) ||
      also[room]?.includes(to),
  );
}

function judgePackage({ from, to }: Import): string[] {
  const room = roomOf(from);
  if (to.startsWith("node:")) {
    return room?.isNodeFree ? [`${from} imports ${to}: ${room.room} runs in a browser too`] : [];
  }
  const name = to.split("/", to.startsWith("@") ? 2 : 1).join("/");
  if (!room?.packages || room.packages.includes(name)) return [];
  return [`${from} imports ${to}: the row ${room.room} of ${TABLE} does not list that package`];
}

function judgeAnnex({ folder, may }: Annex): string[] {
  const places = ["src", folder, ...may];
  return listFiles(folder).flatMap((file) =>
    findTargets(join(folder, file))
      .filter((target) => target.startsWith("."))
      .map((target) => posix.join(folder, dirname(file), target))
      .filter((to) => !places.some((place) => to.startsWith(`${place}/`)))
      .map(
        (to) =>
          `${folder}/${file} imports ${to}: ${folder} uses ${places.join(", ")} only; move what it needs there`,
      ),
  );
}
