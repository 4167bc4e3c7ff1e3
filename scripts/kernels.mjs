// npm run test:kernels [-- KERNEL…]: the tests in test/kernels/ on kernels of other releases, in a virtual machine without privileges.

import { main } from "./kernels/main.mjs";

process.exitCode = await main(process.argv.slice(2));
