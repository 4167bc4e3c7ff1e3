// Runs in the virtual machine, as its one process: `npm run test:kernels`. The guest has Node's own test runner and no other.

import "./examples.ts";
import "./mesh.ts";
import "./tables.ts";
import "./versions.ts";
