import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { binding, nativeFile } from "../../runtime/native.ts";
import { describeKernel } from "../support/kernel.ts";
import { makeNetns, makeVeth } from "../support/netns.ts";

describeKernel(
  "devices by name",
  () => {
    test("are those of this process's network namespace", () => {
      using netns = makeNetns();
      using veth = makeVeth(netns);
      expect(binding().deviceIndex(veth.device)).toBe(veth.ifindex);
      expect(binding().deviceName(veth.ifindex)).toBe(veth.device);
      expect(binding().deviceIndex(veth.peer)).toBeUndefined();
      expect(binding().deviceName(0x7fffffff)).toBeUndefined();
    });

    test("also where /sys shows those of another", () => {
      using netns = makeNetns();
      using veth = makeVeth(netns);
      const names = JSON.stringify([veth.device, veth.peer]);
      const ask = `const { deviceIndex } = require(${JSON.stringify(nativeFile("tsbpf.node"))});
        console.log(JSON.stringify(${names}.map((name) => deviceIndex(name) ?? null)));`;
      // Unlike `ip netns exec`, this leaves the /sys of the first namespace in place.
      const answer = execFileSync("nsenter", [`--net=${netns.path}`, process.execPath, "-e", ask], {
        encoding: "utf8",
      });
      const [outer, inner] = JSON.parse(answer);
      expect(outer).toBeNull();
      expect(inner).toBe(Number(netns.run("cat", `/sys/class/net/${veth.peer}/ifindex`)));
    });
  },
  "ip",
);
