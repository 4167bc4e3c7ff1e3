import type { DenialReport } from "../../mesh/index.ts";
import { type Place, run, waitFor } from "../lab/index.ts";
import { PORTS, type Stage } from "../stage.ts";
import { DENYING_RULE, type MeshOnStage } from "./mesh-on-stage.ts";

/** How long a SYN that is dropped is waited for: the refusal is silence. */
const SILENCE_S = 1;

interface Attempt {
  readonly who: string;
  readonly url: string;
  readonly place: Place;
  /** What the application is told. */
  readonly answer: string;
  readonly expected: (denial: DenialReport) => boolean;
}

/** Two who may not: one whom a rule names, refused in connect(2); one whom nobody knows, whose SYN is dropped on arrival. */
export async function denial(stage: Stage, mesh: MeshOnStage): Promise<void> {
  const { narrator, assertions, workloads, home, neighbour } = stage;
  narrator.chapter("Policy: who may not connect, and by which rule");
  const attached = await mesh.attach();
  const denials: DenialReport[] = [];
  using _ = attached.onDenial((report) => denials.push(report));
  const attempts: Attempt[] = [
    {
      who: "a stranger beside the client",
      url: `http://127.0.0.1:${PORTS.web}/answer`,
      place: { cgroup: workloads.stranger, netns: home.netns },
      answer: "Permission denied",
      expected: ({ rule, direction }) => rule === DENYING_RULE && direction === "egress",
    },
    {
      who: "someone across the veth, not in the mesh",
      url: `http://${home.ip4}:${PORTS.web}/answer`,
      place: { netns: neighbour.netns },
      answer: "timed out",
      expected: ({ reason, direction, source }) =>
        reason === "no rule" && direction === "ingress" && source.cgroupId === 0n,
    },
  ];
  for (const { who, url, place, answer: told, expected } of attempts) {
    denials.length = 0;
    const answer = await run(["curl", "-sv", "--max-time", String(SILENCE_S), "-o", "/dev/null", url], place);
    // What the system call answered, or that nothing did.
    const said = /^\* (.*(?:fail for|failed:|timed out).*)$/m.exec(answer.stderr)?.[1];
    narrator.say(`  $ curl ${url}    # ${who}`);
    narrator.quote(said ?? `exit ${answer.code}`);
    const denied = await waitFor("the denial", () => denials.find(expected), 1_000).catch(() => undefined);
    narrator.fact("denied by", denied ? describe(denied) : "nobody");
    assertions.claim(
      `${who} is refused, and the refusal says why`,
      answer.code !== 0 && said?.includes(told) === true && denied !== undefined,
      denied && describe(denied),
    );
  }
}

function describe({ rule, ruleReason, reason, direction, source, client, server }: DenialReport): string {
  const who =
    source.path === undefined ? (client ?? "unknown") : source.path.slice(source.path.lastIndexOf("/") + 1);
  const why =
    rule === undefined
      ? `${reason} allows it`
      : `rule ${rule}${ruleReason === undefined ? "" : `, "${ruleReason}"`}`;
  return `${why} (${direction}, ${who} → ${server})`;
}
