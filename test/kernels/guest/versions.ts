// What needs a newer kernel than 5.10 says so where it is missing, and works where it is not.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BpfError, NotSupportedError } from "../../../runtime/index.ts";
import { makeCgroup } from "../../support/cgroup.ts";
import { dial, listen } from "../../support/tcp.ts";
import { loadGuest, runs } from "./guest.ts";

type Ticket = typeof import("../programs/ticket.bpf.js");

describe("what a kernel may lack", () => {
  test("atomic operations with a result: 5.12", async () => {
    if (!runs(5, 12)) {
      await assert.rejects(loadGuest<Ticket>("programs/ticket"), (error) => {
        assert.ok(error instanceof NotSupportedError, String(error));
        assert.equal(error.since, "5.12");
        assert.ok(error.cause instanceof BpfError);
        return true;
      });
      return;
    }
    using app = await loadGuest<Ticket>("programs/ticket");
    using cgroup = makeCgroup();
    using server = await listen(() => {});
    using _link = app.programs.number.attach({ cgroup: cgroup.path });
    for (let n = 0; n < 3; n++) {
      using _socket = await dial(server, cgroup);
    }
    assert.equal(app.globals.last, 2n);
  });
});
