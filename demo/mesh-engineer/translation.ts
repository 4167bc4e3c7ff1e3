import { run } from "../lab/index.ts";
import type { Stage } from "../stage.ts";
import { type MeshOnStage, SERVICES } from "./mesh-on-stage.ts";

/** Calls addresses that no machine has, with curl and with Node's client, from the client's cgroup. */
export async function translation(stage: Stage, mesh: MeshOnStage): Promise<void> {
  const { narrator, assertions, workloads, home, digests } = stage;
  narrator.chapter("Service addresses: what connect(2) is given, and where it goes");
  const attached = await mesh.attach();
  const place = { cgroup: workloads.client, netns: home.netns };
  const format = "%{http_code}, %{size_download} bytes, from %{remote_ip}";
  for (const { address } of SERVICES) {
    const url = `http://${address}/answer`;
    const command = ["curl", "-sg", "--max-time", "3", "-o", "/dev/null", "-w", format, url];
    const answer = await run(command, place);
    narrator.say(`  $ curl ${url}`);
    narrator.quote(answer.code === 0 ? answer.stdout : `exit ${answer.code}`);
    const digest = await run(["sh", "-c", `curl -sg --max-time 3 '${url}' | sha256sum`], place);
    assertions.claim(
      `http://${address} is answered by the server behind it`,
      answer.stdout.startsWith("200") && digest.stdout.startsWith(digests.answer),
    );
  }
  const seen = attached.translations();
  narrator.table(
    [{ title: "SERVICE" }, { title: "BACKEND" }, { title: "CONNECTIONS", align: "right" }],
    seen.map(({ service, backend, count }) => [service, backend, String(count)]),
  );
  assertions.claim(
    "connect translated every service to its backend, and counted it",
    SERVICES.every(({ address, backends }) =>
      seen.some(
        ({ service, backend, count }) => service === address && backend === backends[0] && count === 2n,
      ),
    ),
  );
}
