import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findCgroup2 } from "../../demo/lab/cgroup.ts";
import { Cleanup, onInterrupt } from "../../demo/lab/cleanup.ts";
import { labName } from "../../demo/lab/names.ts";
import { congestionRoute } from "../../demo/lab/netns.ts";
import { ResponseReader } from "../../demo/lab/response-reader.ts";
import { haproxyConfiguration } from "../../demo/lab/servers/haproxy.ts";
import { portOf } from "../../demo/lab/servers/http-server.ts";
import { nginxConfiguration } from "../../demo/lab/servers/nginx.ts";
import { parseSocketStatistics } from "../../demo/lab/socket-statistics.ts";
import { interleave, median, percentile, summarise, type WindowResult } from "../../demo/lab/statistics.ts";
import { parseMountinfo } from "../../runtime/mountinfo.ts";

describe("finding cgroup v2", () => {
  const hybrid = [
    "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
    "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw",
  ].join("\n");

  test("in hybrid mode, behind optional fields", () => {
    expect(findCgroup2(parseMountinfo(hybrid))).toBe("/sys/fs/cgroup/unified");
  });

  test("at a path with a space", () => {
    const mounts = parseMountinfo("41 31 0:38 / /mnt/my\\040groups rw - cgroup2 cgroup2 rw\n");
    expect(findCgroup2(mounts)).toBe("/mnt/my groups");
  });

  test("prefers one that can be written to", () => {
    const mounts = parseMountinfo(
      "1 1 0:1 / /a ro,nosuid - cgroup2 c rw\n2 1 0:1 / /b rw,nosuid - cgroup2 c rw\n",
    );
    expect(findCgroup2(mounts)).toBe("/b");
  });

  test("says why there is none", () => {
    expect(() => findCgroup2(parseMountinfo("1 1 0:1 / /a ro - cgroup2 c ro"))).toThrow("read-only");
    expect(() => findCgroup2(parseMountinfo("1 1 0:1 / /a rw - cgroup c rw,cpu"))).toThrow("only cgroup v1");
    expect(() => findCgroup2(parseMountinfo("not a mount\n\n"))).toThrow("not mounted");
  });
});

describe("statistics", () => {
  test("percentiles are samples, by nearest rank", () => {
    const samples = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(percentile(samples, 0.5)).toBe(50);
    expect(percentile(samples, 0.99)).toBe(99);
    expect(percentile(samples, 1)).toBe(100);
    expect(percentile([7], 0.01)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
    expect(() => percentile([1], 50)).toThrow(RangeError);
  });

  test("at least the asked share of the samples lies at or below a percentile, and it is one of them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, fraction) => {
          const sorted = [...values].sort((a, b) => a - b);
          const value = percentile(sorted, fraction);
          expect(sorted).toContain(value);
          expect(sorted.filter((sample) => sample <= value).length).toBeGreaterThanOrEqual(
            fraction * sorted.length - 1e-6,
          );
        },
      ),
    );
  });

  test("the median leaves its input as it was", () => {
    const values = [3, 1, 2];
    expect(median(values)).toBe(2);
    expect(values).toEqual([3, 1, 2]);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test("one disturbed window does not decide a summary", () => {
    const window = (requests: number, p50: number): WindowResult => ({
      requests,
      errors: 1,
      durationNs: 5e8,
      bytes: 0,
      p50,
      p95: 2 * p50,
      p99: 3 * p50,
      max: 0,
      bodies: [],
      connections: [],
    });
    expect(summarise([window(100, 10), window(1, 9000), window(110, 11)])).toEqual({
      windows: 3,
      requests: 211,
      errors: 3,
      requestsPerSecond: 200,
      p50: 11,
      p95: 22,
      p99: 33,
    });
  });

  test("every other round runs backwards", () => {
    expect(interleave(["a", "b", "c"], 3).join("")).toBe("abccbaabc");
  });
});

describe("reading responses", () => {
  const body = Buffer.from("hello \r\n\r\n world");
  const wire = Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: ${body.length}\r\n\r\n`),
    body,
  ]);

  test("any cutting of the stream gives the same responses", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: wire.length - 1 })), (cuts) => {
        const hash = createHash("sha256");
        const reader = new ResponseReader((chunk) => hash.update(chunk));
        const edges = [0, ...cuts.sort((a, b) => a - b), wire.length];
        const answers = edges.slice(1).map((end, i) => reader.push(wire.subarray(edges[i], end)));
        expect(answers.pop()).toEqual({ status: 200, bodyBytes: body.length });
        expect(answers.every((answer) => answer === undefined)).toBe(true);
        expect(hash.digest("hex")).toBe(createHash("sha256").update(body).digest("hex"));
      }),
    );
  });

  test("a second response on the same connection", () => {
    const reader = new ResponseReader();
    expect(reader.push(wire)).toBeDefined();
    expect(reader.push(wire)).toBeDefined();
  });

  test("an empty body", () => {
    expect(new ResponseReader().push(Buffer.from("HTTP/1.1 204 No\r\ncontent-length: 0\r\n\r\n"))).toEqual({
      status: 204,
      bodyBytes: 0,
    });
  });

  test("what is not a response with a length is refused", () => {
    expect(() => new ResponseReader().push(Buffer.from("SSH-2.0-x\r\n\r\n"))).toThrow("not an HTTP response");
    expect(() => new ResponseReader().push(Buffer.from("HTTP/1.1 200 OK\r\n\r\n"))).toThrow(
      "without Content-Length",
    );
    expect(() => new ResponseReader().push(Buffer.alloc(70_000, "a"))).toThrow("64 KiB");
    expect(() => new ResponseReader().push(Buffer.concat([wire, wire]))).toThrow("after the end");
  });
});

describe("cleaning up", () => {
  test("last made first, and a failure keeps nothing else from being undone", async () => {
    const cleanup = new Cleanup();
    const order: string[] = [];
    cleanup.defer("cgroup", () => void order.push("cgroup"));
    cleanup.defer("broken", () => {
      order.push("broken");
      throw new Error("busy");
    });
    cleanup.defer("process", async () => {
      await Promise.resolve();
      order.push("process");
    });
    expect(cleanup.pending).toEqual(["cgroup", "broken", "process"]);
    const failures = await cleanup.run();
    expect(order).toEqual(["process", "broken", "cgroup"]);
    expect(failures.map((failure) => failure.label)).toEqual(["broken"]);
    expect(cleanup.pending).toEqual([]);
  });

  test("two who ask at once wait for the same run", async () => {
    const cleanup = new Cleanup();
    let times = 0;
    cleanup.use("resource", { close: () => void times++ });
    await Promise.all([cleanup.run(), cleanup.run()]);
    expect(times).toBe(1);
  });

  test("what is made after the end is undone at once", async () => {
    const cleanup = new Cleanup();
    await cleanup.finish();
    const undone: string[] = [];
    expect(() => cleanup.defer("late", () => void undone.push("late"))).toThrow("cleaned up already");
    expect(undone).toEqual(["late"]);
  });

  test("only the first interrupt counts, and the handlers come off", () => {
    const before = process.listenerCount("SIGTERM");
    const signals: string[] = [];
    const off = onInterrupt((signal) => signals.push(signal));
    process.emit("SIGTERM", "SIGTERM");
    process.emit("SIGINT", "SIGINT");
    off();
    expect(signals).toEqual(["SIGTERM"]);
    expect(process.listenerCount("SIGTERM")).toBe(before);
  });
});

describe("socket statistics", () => {
  test("both families, with and without counters", () => {
    const sockets = parseSocketStatistics(
      [
        "0      0          127.0.0.1%lo:8080 127.0.0.1:50392 cubic wscale:7,7 rto:204 bytes_sent:41851944 bytes_acked:41851944 bytes_received:1473660 segs_out:65497 ",
        "0      0      [fd7b:213::2]:80  [fd7b:213::1]:53702 cubic rto:204",
        "",
      ].join("\n"),
    );
    expect(sockets).toEqual([
      {
        local: "127.0.0.1:8080",
        remote: "127.0.0.1:50392",
        congestionControl: "cubic",
        bytesSent: 41851944n,
        bytesReceived: 1473660n,
        segmentsOut: 65497n,
      },
      {
        local: "[fd7b:213::2]:80",
        remote: "[fd7b:213::1]:53702",
        congestionControl: "cubic",
        bytesSent: 0n,
        bytesReceived: 0n,
        segmentsOut: 0n,
      },
    ]);
  });
});

describe("routes with a congestion control", () => {
  test("keep what they had", () => {
    expect(
      congestionRoute(
        "10.213.0.0/24 dev eth0 proto kernel scope link src 10.213.0.1 linkdown",
        "cubic",
      )?.join(" "),
    ).toBe("10.213.0.0/24 dev eth0 proto kernel scope link src 10.213.0.1 congctl cubic");
    expect(
      congestionRoute(
        "fd7b:213::/64 dev eth0 proto kernel metric 256 congctl reno pref medium",
        "cubic",
      )?.join(" "),
    ).toBe("fd7b:213::/64 dev eth0 proto kernel metric 256 congctl cubic");
    expect(
      congestionRoute("local ::1 dev lo table local metric 0 congctl lock bbr", "cubic")?.join(" "),
    ).toBe("local ::1 dev lo table local congctl cubic");
  });

  test("those without connections are left alone", () => {
    expect(congestionRoute("broadcast 127.255.255.255 dev lo", "cubic")).toBeUndefined();
    expect(congestionRoute("multicast ff00::/8 dev eth0 metric 256", "cubic")).toBeUndefined();
    expect(congestionRoute("", "cubic")).toBeUndefined();
  });
});

describe("names and configurations", () => {
  test("names carry the pid and refuse what a path could be made of", () => {
    expect(labName("web", 42)).toBe("tsbpf-42-web");
    expect(() => labName("../x")).toThrow(RangeError);
  });

  test("ports of addresses", () => {
    expect(portOf("8080")).toBe(8080);
    expect(portOf("[::1]:443")).toBe(443);
    expect(() => portOf("localhost:http")).toThrow(RangeError);
  });

  test("nginx writes nowhere but in its own folder", () => {
    const written = nginxConfiguration("/tmp/own", ["127.0.0.1:80", "[::1]:80"])
      .split("\n")
      .filter((line) => /_path|pid|error_log|root \//.test(line));
    expect(written.length).toBeGreaterThanOrEqual(8);
    for (const line of written) expect(line).toContain("/tmp/own/");
  });

  test("haproxy forwards to its backend", () => {
    expect(haproxyConfiguration("127.0.0.1:81", "127.0.0.1:80")).toContain("server backend 127.0.0.1:80");
  });
});
